import type { CommandContext, Decider, Event } from '@oppi/event-sourcing';
import { randomUUID } from 'node:crypto';

/** The event that every contender writes: the size and shape of goal's most frequent one, a report of progress. */
export type Reported = Event<
  'ProgressReported',
  { goalId: string; milestoneId: string; percent: number; carriedOver: boolean; effectiveOn: string }
>;

/** A state as small as a real goal's that has reports of progress. */
export const progress: Decider<number, Reported> = { initial: 0, evolve: (reports) => reports + 1 };

const REPORTS_PER_GOAL = 10;
const ORGANISATIONS = 10;
const ACTOR = { id: '0b000000-0000-4000-8000-000000000001', role: 'coach' };
const FINGERPRINT = 'f'.repeat(64);
const NOW = '2026-03-01T10:00:00.000Z';

/** What one command is about. */
export type Command = Readonly<{ organisationId: string; goalId: string; version: number; commandId: string }>;

/** Commands of one caller: ten reports on a goal, then on the next. So a stream is loaded with five events on average. */
export class Goals {
  private readonly organisationId: string;
  private goalId = randomUUID();
  private version = 0;

  constructor(caller: number) {
    this.organisationId = `0a000000-0000-4000-8000-${String(caller % ORGANISATIONS).padStart(12, '0')}`;
  }

  next(): Command {
    if (this.version === REPORTS_PER_GOAL) {
      this.goalId = randomUUID();
      this.version = 0;
    }
    this.version += 1;
    return {
      organisationId: this.organisationId,
      goalId: this.goalId,
      version: this.version,
      commandId: randomUUID(),
    };
  }
}

/** One `Goals` per caller. */
export const goalsOf = (callers: number): Goals[] => Array.from({ length: callers }, (_, caller) => new Goals(caller));

export const eventOf = ({ goalId, version }: Pick<Command, 'goalId' | 'version'>): Reported => ({
  type: 'ProgressReported',
  data: { goalId, milestoneId: 'halfway', percent: version * 10, carriedOver: false, effectiveOn: '2026-03-01' },
});

export const metaOf = ({ commandId }: Pick<Command, 'commandId'>) => {
  const correlationId = commandId.replaceAll('-', '');
  return { actor: ACTOR, correlationId, traceparent: `00-${correlationId}-00f067aa0ba902b7-01` };
};

export const contextOf = (command: Command): CommandContext => ({
  organisationId: command.organisationId,
  commandId: command.commandId,
  fingerprint: FINGERPRINT,
  now: NOW,
  occurredAt: NOW,
  imported: false,
  ...metaOf(command),
});

/** The time every event bears. */
export const EVENT_TIME = NOW;
