import { coachAssignments } from '@oppi/learner-coaches';
import { attainments } from './attainments.projection';
import { commitmentGoals, commitments } from './commitments.projection';
import { evidence } from './evidence.projection';
import { goalOutcomes } from './goal-outcomes.projection';
import { goals } from './goals.projection';
import { memberships } from './memberships.projection';
import { organisations, teams } from './teams.projection';

/** Every read model of what others told: kept up together, rebuilt together. */
export const readModels = [
  organisations,
  teams,
  memberships,
  goals,
  goalOutcomes,
  commitments,
  commitmentGoals,
  attainments,
  evidence,
  coachAssignments,
] as const;
