export { coachAssignments } from './coach-assignments.projection';
export { coachFacts } from './coach-facts';
export { inCare, requireOwn } from './own-learners';
