import type { Database } from '@oppi/database';
import { type Clock, localDateOf } from '@oppi/event-sourcing';
import { type EventStore, streamOf } from '@oppi/event-store';
import { CLOCK_ACTOR, Sweeper } from '@oppi/intake';
import { goal, goalStream } from '../../domain/goal';
import { passTime } from '../../domain/goal-time';

const EVERY_MS = 1_000;
const GOALS_AT_ONCE = 500;

type DueRow = { organisation_id: string; goal_id: string; version: number; due_end: Date };

/**
 * Lets time pass for goals that are due (rule G21). It only finds them; whether something happens is the goal's decision.
 * The key of each command holds the version it was found at, so several workers, or one that crashed, decide once.
 */
export class ClockWorker extends Sweeper {
  private passed = 0;

  constructor(
    private readonly options: {
      database: Database;
      store: EventStore;
      clock: Clock;
      onError: (error: unknown) => void;
    },
  ) {
    super({ everyMs: EVERY_MS, sweep: () => this.sweep(), onError: options.onError });
  }

  metrics(): Record<string, number> {
    return { goals_passed_total: this.passed };
  }

  /** One look at what is due now. */
  async sweep(): Promise<void> {
    const now = this.options.clock.now().toISOString();
    const { rows } = await this.options.database.query<DueRow>(
      `select organisation_id, goal_id, version, (due_on + 1)::timestamp at time zone time_zone as due_end
       from goal_list where clock_on < ($1::timestamptz at time zone time_zone)::date
       order by clock_on limit ${String(GOALS_AT_ONCE)}`,
      [now],
    );
    await Promise.all(rows.map((row) => this.pass(row, now)));
  }

  private async pass({ organisation_id, goal_id, version, due_end }: DueRow, now: string): Promise<void> {
    const key = `clock:${goal_id}:${String(version)}:${localDateOf(now, 'UTC')}`;
    await this.options.store.transact(
      {
        organisationId: organisation_id,
        actor: CLOCK_ACTOR,
        mayRecord: ['GoalFellOverdue', 'GoalMissed'],
        commandId: key,
        fingerprint: key,
        correlationId: key,
        now,
        occurredAt: due_end.toISOString(),
        imported: false,
      },
      { goal: streamOf(goal, goalStream(goal_id)) },
      (states) => ({ goal: passTime(states.goal, now) }),
    );
    this.passed += 1;
  }
}
