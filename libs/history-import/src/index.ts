export { importOfHistory, type HistoryDoor } from './import-of-history';
export type { Importable } from './import-items';
export { ImportLimits } from './history-import';
export { importMigrations } from './migrations';
