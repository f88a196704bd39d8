export { startPostgres, type LocalPostgres, type PostgresOptions } from './start-postgres';
export { createServiceDatabases, ownerOf } from './service-databases';
export { guard } from './guardian';
export { freePort, isPortFree } from './ports';
export { startMark } from './processes';
