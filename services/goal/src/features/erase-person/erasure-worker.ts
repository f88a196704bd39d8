import type { Database } from '@oppi/database';
import type { Clock } from '@oppi/event-sourcing';
import type { EventStore, Vault } from '@oppi/event-store';
import { backgroundContext, CLOCK_ACTOR, Sweeper, type Worker } from '@oppi/intake';
import { finishErasure } from './erasure';

const EVERY_MS = 5_000;
/** Whoever asked finishes it at once; what is older than this was interrupted. */
const INTERRUPTED_AFTER_MS = 30_000;
const AT_ONCE = 20;

const WORKER: Worker = {
  actor: CLOCK_ACTOR,
  mayRecord: ['PersonErased'],
};

type OpenRow = { organisation_id: string; person_id: string };

/** Finishes erasures whose process died between the steps (GDPR-07). Several workers at once do no harm. */
export class ErasureWorker extends Sweeper {
  private finished = 0;

  constructor(
    private readonly options: {
      database: Database;
      store: EventStore;
      vault: Pick<Vault, 'erase'>;
      clock: Clock;
      onError: (error: unknown) => void;
    },
  ) {
    super({ everyMs: EVERY_MS, sweep: () => this.sweep(), onError: options.onError });
  }

  metrics(): Record<string, number> {
    return { interrupted_erasures_finished_total: this.finished };
  }

  private async sweep(): Promise<void> {
    const { database, clock } = this.options;
    const before = new Date(clock.now().getTime() - INTERRUPTED_AFTER_MS);
    const { rows } = await database.query<OpenRow>(
      `select organisation_id, person_id from erasures where not is_done and requested_at < $1
       order by requested_at limit ${String(AT_ONCE)}`,
      [before.toISOString()],
    );
    for (const row of rows) await this.finish(row);
  }

  private async finish({ organisation_id: organisationId, person_id: personId }: OpenRow): Promise<void> {
    const now = this.options.clock.now().toISOString();
    const key = `erasure:${personId}:confirm`;
    await finishErasure(this.options, backgroundContext({ organisationId, worker: WORKER, key, now }), personId);
    this.finished += 1;
  }
}
