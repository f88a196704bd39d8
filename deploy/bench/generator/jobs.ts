import type { Load } from '../measure/callers';
import type { Summary } from '../measure/percentiles';
import type { Target } from './wires';

/** As fast as it goes: every caller defines teams, one after the other. */
export type CommandsJob = Readonly<{
  kind: 'commands';
  wire: 'REST' | 'gRPC';
  target: Target;
  organisations: readonly string[];
  load: Load;
}>;

/** At a fixed rate, whatever the answers take; beside it goals are agreed, and each one is looked for in the figures. */
export type VisibleJob = Readonly<{
  kind: 'visible';
  target: Target;
  organisations: readonly string[];
  /** Organisations whose goals, agreed by the client already, the provider agrees to one by one. */
  probes: readonly Readonly<{ organisationId: string; goalIds: readonly string[] }>[];
  /** Events a second, those of the probes included. */
  eventsPerSecond: number;
  /** Not measured, at the same rate. */
  warmUpSeconds: number;
  seconds: number;
}>;

export type Job = CommandsJob | VisibleJob;

/** What a job found. `summary` is of the calls, or of the times until a figure was visible; `events` a second all told. */
export type Found = Readonly<{ summary: Summary; eventsPerSecond: number }>;

/** What the generator says to whoever started it. */
export type Answer = Readonly<{ found: Found }> | Readonly<{ error: string }>;
