import { randomUUID } from 'node:crypto';
import type { Database } from '@oppi/database';
import type { Clock } from '@oppi/event-sourcing';
import { type EventStore, streamOf } from '@oppi/event-store';
import { backgroundContext, CLOCK_ACTOR, Sweeper, type Worker } from '@oppi/intake';
import type { Settings } from '../../coaching.config';
import { concerns, concernsStream, dueAfter, noticeConcern } from '../../domain/concern';

const EVERY_MS = 1_000;
const GOALS_AT_ONCE = 500;

const WORKER: Worker = {
  actor: CLOCK_ACTOR,
  mayRecord: ['ConcernRaised', 'ConcernSeenAgain'],
};

type StalledRow = { organisation_id: string; goal_id: string; person_id: string; moved_on: string; stretches: number };

/**
 * Finds goals without progress for a number of days, and again for each further stretch of as many. It only finds them;
 * whether a concern is raised is decided on the learner's concerns. The key names the goal, the day it last moved and the
 * stretch, so several workers, or one that crashed, raise once.
 */
export class StallWorker extends Sweeper {
  private found = 0;

  constructor(
    private readonly options: {
      database: Database;
      store: EventStore;
      clock: Clock;
      settings: Settings;
      onError: (error: unknown) => void;
    },
  ) {
    super({ everyMs: EVERY_MS, sweep: () => this.sweep(), onError: options.onError });
  }

  metrics(): Record<string, number> {
    return { stalled_goals_found_total: this.found };
  }

  /** One look at what stands still now. */
  async sweep(): Promise<void> {
    const { database, clock, settings } = this.options;
    const now = clock.now().toISOString();
    const { rows } = await database.query<StalledRow>(
      `select g.organisation_id, g.goal_id, g.person_id, g.moved_on::text as moved_on, stretches
       from followed_goals g
       join known_organisations o using (organisation_id)
       cross join lateral (select (($1::timestamptz at time zone o.time_zone)::date - g.moved_on) / $2::integer as stretches) s
       left join stall_looks l on l.organisation_id = g.organisation_id and l.goal_id = g.goal_id and l.moved_on = g.moved_on
       where g.status = 'open' and not g.imported and g.person_id is not null
         and g.moved_on <= ($1::timestamptz at time zone 'UTC')::date + 1 - $2::integer and stretches > coalesce(l.looks, 0)
       order by g.moved_on limit ${String(GOALS_AT_ONCE)}`,
      [now, settings.STALLED_AFTER_DAYS],
    );
    await Promise.all(rows.map((row) => this.notice(row, now)));
  }

  private async notice(row: StalledRow, raisedAt: string): Promise<void> {
    const { organisation_id: organisationId, goal_id: goalId, person_id: personId, moved_on, stretches } = row;
    const key = `coaching.stalled:${goalId}:${moved_on}:${stretches}`;
    const dueAt = dueAfter(raisedAt, this.options.settings.CONCERN_DUE_DAYS);
    const found = { concernId: randomUUID(), personId, kind: 'stalled', goalId, raisedAt, dueAt } as const;
    await this.options.store.transact(
      backgroundContext({ organisationId, worker: WORKER, key, now: raisedAt }),
      { concerns: streamOf(concerns, concernsStream(personId)) },
      (states) => ({ concerns: noticeConcern(states.concerns, found) }),
    );
    await this.options.database.query(
      `insert into stall_looks (organisation_id, goal_id, moved_on, looks) values ($1, $2, $3, $4)
       on conflict (organisation_id, goal_id) do update set moved_on = excluded.moved_on, looks = excluded.looks`,
      [organisationId, goalId, moved_on, stretches],
    );
    this.found += 1;
  }
}
