export { projection, type Projection, type Rule, type Table } from './projection';
export { Projector, type Source, type Sourced } from './projector';
export { rebuild, type Rebuilt } from './rebuild';
export { projectionMigrations } from './migrations';
