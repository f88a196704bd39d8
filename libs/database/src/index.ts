export { openPool, inTransaction, type Database, type Session } from './pool';
export { migrate, type Migration } from './migrate';
export { DATABASE } from './token';
