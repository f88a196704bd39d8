export { openPool, inSnapshot, inTransaction, FOR_REQUESTS, FOR_WORK, type Database, type Session } from './pool';
export { grantTo, prepareDatabase, UnsafeRoleError, type Addresses } from './application-role';
export { migrate, type Migration } from './migrate';
export { Canceller } from './canceller';
export { openReads, Reads } from './reads';
export { Waiting, whileWaitedFor } from './waiting';
export { DATABASE, WORK_DATABASE } from './token';
export { Coalescer } from './coalescer';
