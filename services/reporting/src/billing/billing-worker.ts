import type { Database } from '@oppi/database';
import type { Clock } from '@oppi/event-sourcing';
import type { EventStore } from '@oppi/event-store';
import type { ParkedMessages } from '@oppi/messaging';
import { BillingDecisions } from './decisions';
import { type Due, findDue } from './due';
import { readPositions, type ReadPositions, waitForPositions } from './read-positions';

const AT_ONCE = 2_000;
const IDLE_MS = 500;
const RETRY_MS = 1_000;
const LEDGER_WAIT_MS = 10_000;

type Parts = Readonly<{
  database: Database;
  store: EventStore;
  parked: ParkedMessages;
  clock: Clock;
  onError: (error: unknown) => void;
}>;

/**
 * Looks after each organisation about which something new was folded, and sends what is due as decisions, until nothing is.
 * It follows the positions of the read models, not messages: in whatever order facts come, however often they are told, and
 * whoever died on the way, the same is due in the end. Several processes may run it: the streams decide each thing once.
 */
export class BillingWorker {
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;
  private nudged = false;
  /** Up to where this process looked; everything before is looked at once when it starts. */
  private looked: ReadPositions | undefined;
  /** Organisations with parked messages: nothing is decided on half of the facts. */
  private waiting: string[] = [];
  private readonly counts = { decided: 0, failures: 0 };
  private readonly decisions: BillingDecisions;

  constructor(private readonly parts: Parts) {
    this.decisions = new BillingDecisions(parts.store, () => parts.clock.now().toISOString());
  }

  start(): void {
    this.running = true;
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.running = false;
    this.wake();
    await this.loop;
  }

  /** Something new was folded: look now. */
  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  metrics(): Record<string, number> {
    return {
      billing_decisions_total: this.counts.decided,
      billing_failures_total: this.counts.failures,
      billing_waiting_organisations: this.waiting.length,
    };
  }

  private async run(): Promise<void> {
    while (this.running) {
      try {
        this.nudged = false;
        await this.look();
        if (!this.nudged) await this.sleep(IDLE_MS);
      } catch (error) {
        this.counts.failures += 1;
        this.parts.onError(error);
        await this.sleep(RETRY_MS);
      }
    }
  }

  /** One look at what is new. Again from the same place when it fails on the way. */
  private async look(): Promise<void> {
    const { database, parked } = this.parts;
    const reached = await readPositions(database);
    const touched = new Set([...this.waiting, ...(await this.touched(reached))]);
    const waiting: string[] = [];
    for (const organisationId of touched) if ((await parked.count(organisationId)) > 0) waiting.push(organisationId);
    const ready = [...touched].filter((organisationId) => !waiting.includes(organisationId));
    if (ready.length > 0) await this.decideAll(ready);
    this.waiting = waiting;
    this.looked = reached;
  }

  /** The organisations that something new is known about, from others or decided here. */
  private async touched(reached: ReadPositions): Promise<string[]> {
    const { database } = this.parts;
    const from = this.looked;
    if (from && from.inbox === reached.inbox && from.ledger === reached.ledger) return [];
    const { rows } = await database.query<{ organisation_id: string }>(
      from
        ? `select organisation_id from inbox where position > $1 and position <= $2 and type = any ($5)
           union select organisation_id from events where position > $3 and position <= $4`
        : 'select distinct organisation_id from commitments',
      from && [
        from.inbox.toString(),
        reached.inbox.toString(),
        from.ledger.toString(),
        reached.ledger.toString(),
        TOLD,
      ],
    );
    return rows.map((row) => row.organisation_id);
  }

  private async decideAll(organisations: readonly string[]): Promise<void> {
    const { database, store } = this.parts;
    while (this.running) {
      // What was decided so far has to be seen, also by whichever other process: it is not due any more.
      const wanted = { ledger: await store.head() };
      if (!(await waitForPositions(database, wanted, LEDGER_WAIT_MS)))
        throw new Error('The read models of the ledger lag behind: billing waits for them.');
      const due = await findDue(database, organisations, AT_ONCE);
      if (due.charges.length + due.reversals.length + due.locks.length === 0) return;
      await this.send(due);
    }
  }

  private async send({ charges, reversals, locks }: Due): Promise<void> {
    const sent = await Promise.allSettled([
      ...charges.map((each) => this.decisions.charge(each)),
      ...reversals.map((each) => this.decisions.reverse(each)),
      ...locks.map((each) => this.decisions.lock(each)),
    ]);
    const failed = sent.filter((each) => each.status === 'rejected');
    this.counts.decided += sent.length - failed.length;
    if (failed[0]) throw failed[0].reason;
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (!this.running || this.nudged) this.wake();
    });
  }
}

/** The facts that something can be due by. */
const TOLD = [
  'goal.v1.OrganisationRegistered',
  'goal.v1.GoalProposed',
  'goal.v1.CommitmentAgreed',
  'goal.v1.EvidenceSubmitted',
  'goal.v1.EvidenceAccepted',
  'goal.v1.GoalAttained',
  'goal.v1.AttainmentRevoked',
  'coaching.v1.CoachAssigned',
  'coaching.v1.CoachUnassigned',
];
