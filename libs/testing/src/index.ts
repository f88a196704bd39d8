export { describeIfAvailable } from './availability';
export { freshDatabase, type FreshDatabase, type FreshDatabaseOptions } from './fresh-database';
export { ownPostgres, type OwnPostgres } from './own-postgres';
