export { openPool, inTransaction, type Database, type Session } from './pool';
export { grantTo, prepareDatabase, UnsafeRoleError, type Addresses } from './application-role';
export { migrate, type Migration } from './migrate';
export { DATABASE } from './token';
