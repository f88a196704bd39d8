export { decodersOf, whenFact, type Fact } from './facts';
export { Reactor, type Reaction } from './reactor';
export { backgroundContext, CLOCK_ACTOR, keyOf, REACTION_ACTOR, type Worker } from './background';
export { ListParkedMessages, ListParkedMessagesHandler } from './list-parked-messages.query';
export { RedriveParkedMessages, RedriveParkedMessagesHandler } from './redrive-parked-messages.command';
export { reactionMigrations } from './migrations';
export { Sweeper } from './sweeper';
