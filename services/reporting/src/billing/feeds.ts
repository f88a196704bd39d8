import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';
import type { InboxConsumer, InboxLog, ParkedMessages } from '@oppi/messaging';
import { findDue } from './due';
import { readPositions, waitForPositions } from './read-positions';

const WAIT_MS = 5_000;
const LEDGER_WAIT_MS = 10_000;
const LOOK_EVERY_MS = 50;

type Parts = Readonly<{
  database: Database;
  inboxLog: Pick<InboxLog, 'head'>;
  parked: Pick<ParkedMessages, 'count'>;
  consumer: Pick<InboxConsumer, 'state'>;
}>;

/** Whether all that was heard of an organisation has become figures and decisions (rule B5). */
export class Feeds {
  constructor(private readonly parts: Parts) {}

  /** Waits a moment for what is under way. Throws `refused`, with what is missing, when it is not all there then. */
  async requireComplete(organisationId: string): Promise<void> {
    const { database, inboxLog, parked, consumer } = this.parts;
    if (consumer.state().status === 'halted')
      throw new DomainError(
        'refused',
        'intake-halted',
        'Facts are missing: the intake has halted. See the log of the service.',
      );
    if ((await parked.count(organisationId)) > 0)
      throw new DomainError(
        'refused',
        'messages-parked',
        'Messages of this organisation are parked. Redrive them first.',
      );
    const end = performance.now() + WAIT_MS;
    if (!(await waitForPositions(database, { inbox: await inboxLog.head() }, WAIT_MS))) throw behind();
    while (await this.isSomethingDue(organisationId)) {
      if (performance.now() > end) throw behind();
      await pause(LOOK_EVERY_MS);
    }
  }

  /** The position in the inbox up to which facts have become figures. */
  async inboxPosition(): Promise<string> {
    return (await readPositions(this.parts.database)).inbox.toString();
  }

  /** Waits until the ledger holds a decision; false when it does not in time. */
  isInLedger(position: string): Promise<boolean> {
    return waitForPositions(this.parts.database, { ledger: BigInt(position) }, LEDGER_WAIT_MS);
  }

  private async isSomethingDue(organisationId: string): Promise<boolean> {
    const { charges, reversals, locks } = await findDue(this.parts.database, [organisationId], 1);
    return charges.length + reversals.length + locks.length > 0;
  }
}

const behind = (): DomainError =>
  new DomainError('refused', 'read-models-behind', 'Facts are still being worked on. Try again in a moment.');
