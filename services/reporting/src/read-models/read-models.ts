import { goalOutcomes } from './goal-outcomes.projection';
import { goals } from './goals.projection';
import { memberships } from './memberships.projection';
import { organisations, teams } from './teams.projection';

/** Every read model of reporting: kept up together, rebuilt together. */
export const readModels = [organisations, teams, memberships, goals, goalOutcomes] as const;
