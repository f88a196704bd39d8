export type { Event, Recorded, Actor } from './event';
export { type Decider, fold } from './decider';
export { DomainError, StaleVersion, type ErrorKind, type Violation } from './domain-error';
export { addDays, localDateOf, endsBy } from './local-date';
export type { Clock } from './clock';
export type { CommandContext } from './command-context';
export type { EventLog } from './event-log';
