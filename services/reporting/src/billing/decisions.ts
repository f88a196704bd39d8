import { createHash } from 'node:crypto';
import type { Actor, CommandContext } from '@oppi/event-sourcing';
import { localDateOf } from '@oppi/event-sourcing';
import { type Committed, type EventStore, guard, streamOf } from '@oppi/event-store';
import { books, BOOKS_STREAM } from '../domain/books';
import { charges, chargeGoal, chargesStream, lockCharge, reverseCharge } from '../domain/charges';
import type { Earned } from '../domain/charges.events';
import { periodOf } from '../domain/period';
import type { DueCharge, DueLock, DueReversal } from './due';
import { lineIdOf } from './line-id';

/** Identity of the rules that bill: events say that nobody decided but a rule. */
const BILLING_ACTOR: Actor = { id: '00000000-0000-4000-8000-00000000b111', role: 'billing-rule' };

type OnGoal = Readonly<{ organisationId: string; commitmentId: string; goalId: string }>;
type Cause = Readonly<{ eventId: string; correlationId: string }>;

/** The charges of one goal under one commitment. What is decided on them holds only while the books stand as they were. */
export const chargesOn = ({ commitmentId, goalId }: Omit<OnGoal, 'organisationId'>) => ({
  charges: streamOf(charges, chargesStream(commitmentId, goalId)),
  books: guard(streamOf(books, BOOKS_STREAM)),
});

/** Sends what is due as decisions. Keyed by rule and line, so that however often one is sent, it is decided once. */
export class BillingDecisions {
  constructor(
    private readonly store: EventStore,
    private readonly now: () => string,
  ) {}

  charge(due: DueCharge): Promise<Committed> {
    const earned = earnedOf(due);
    return this.store.transact(this.context(due, `charge:${earned.lineId}`, due), chargesOn(due), (states) => ({
      charges: chargeGoal(states.charges, states.books, earned, due.lockCode ?? undefined),
    }));
  }

  reverse(due: DueReversal): Promise<Committed> {
    const { outcomeNo, eventId, recordedAt, timeZone } = due;
    const reversalLineId = lineIdOf('reversal', due);
    const recordedIn = periodOf(localDateOf(recordedAt, timeZone));
    return this.store.transact(this.context(due, `reverse:${reversalLineId}`, due), chargesOn(due), (states) => ({
      charges: reverseCharge(states.charges, states.books, { outcomeNo, reversalLineId, eventId, recordedIn }),
    }));
  }

  lock(due: DueLock): Promise<Committed> {
    return this.store.transact(this.context(due, `lock:${due.lineId}`), chargesOn(due), (states) => ({
      charges: lockCharge(states.charges, states.books, due.outcomeNo, 'verifier-was-coach'),
    }));
  }

  private context({ organisationId }: OnGoal, key: string, cause?: Cause): CommandContext {
    const now = this.now();
    return {
      organisationId,
      actor: BILLING_ACTOR,
      mayRecord: ['GoalCharged', 'ChargeLocked', 'ChargeReversed'],
      commandId: key,
      fingerprint: createHash('sha256').update(key).digest('hex'),
      correlationId: cause?.correlationId ?? key,
      ...(cause && { causationId: cause.eventId }),
      now,
      occurredAt: now,
      imported: false,
    };
  }
}

const earnedOf = (due: DueCharge): Earned => ({
  lineId: lineIdOf('charge', due),
  commitmentId: due.commitmentId,
  goalId: due.goalId,
  outcomeNo: due.outcomeNo,
  ...(due.priceMinor !== null && { amountMinor: Number(due.priceMinor) }),
  currency: due.currency,
  ...(due.vatRateBasisPoints !== null && { vatRateBasisPoints: due.vatRateBasisPoints }),
  deliveryPeriod: periodOf(due.effectiveOn),
  evidenceIds: due.evidenceIds === '' ? [] : due.evidenceIds.split(','),
});
