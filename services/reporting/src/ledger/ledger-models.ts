import { lines } from './lines.projection';
import { statements } from './statements.projection';

/** Every read model of reporting's own decisions on money: kept up together, rebuilt together. */
export const ledgerModels = [lines, statements] as const;
