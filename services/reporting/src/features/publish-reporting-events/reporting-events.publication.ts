import * as published from '@oppi/contracts/reporting/v1/reporting_events';
import type { Recorded } from '@oppi/event-sourcing';
import type { Publication } from '@oppi/messaging';
import type { PeriodClosed } from '../../domain/books';
import type { ChargesEvent } from '../../domain/charges.events';
import type { StatementIssued } from '../../domain/statement';

type StoredEvent = PeriodClosed | ChargesEvent | StatementIssued;
type DataOf<T extends StoredEvent['type']> = Extract<StoredEvent, { type: T }>['data'];
type Translations = { readonly [T in StoredEvent['type']]: ((data: DataOf<T>) => Uint8Array) | 'private' };

/**
 * What the world hears of each stored event; a new one does not compile before it is decided here. Fields are named one by
 * one: what is stored later is not published by accident.
 */
const translations: Translations = {
  // The statement says it once it is there.
  PeriodClosed: 'private',
  GoalCharged: ({ amountMinor, evidenceIds, ...data }) =>
    published.GoalCharged.encode({
      lineId: data.lineId,
      commitmentId: data.commitmentId,
      goalId: data.goalId,
      outcomeNo: data.outcomeNo,
      amountMinor: String(amountMinor),
      currency: data.currency,
      vatRateBasisPoints: data.vatRateBasisPoints,
      deliveryPeriod: data.deliveryPeriod,
      period: data.period,
      evidenceIds: [...evidenceIds],
    }).finish(),
  ChargeReversed: ({ amountMinor, ...data }) =>
    published.ChargeReversed.encode({
      lineId: data.lineId,
      reversesLineId: data.reversesLineId,
      commitmentId: data.commitmentId,
      goalId: data.goalId,
      outcomeNo: data.outcomeNo,
      amountMinor: amountMinor === undefined ? undefined : String(amountMinor),
      currency: data.currency,
      vatRateBasisPoints: data.vatRateBasisPoints,
      deliveryPeriod: data.deliveryPeriod,
      period: data.period,
    }).finish(),
  ChargeLocked: ({ lineId, commitmentId, goalId, outcomeNo, lockCode }) =>
    published.ChargeLocked.encode({ lineId, commitmentId, goalId, outcomeNo, lockCode }).finish(),
  ChargeReleased: ({ lineId, commitmentId, goalId, outcomeNo, reasonCode, period }) =>
    published.ChargeReleased.encode({ lineId, commitmentId, goalId, outcomeNo, reasonCode, period }).finish(),
  StatementIssued: ({ period, statementNo, sha256, netMinor, vatMinor, grossMinor, currency, lines }) =>
    published.StatementIssued.encode({
      period,
      statementNo,
      sha256,
      netMinor: String(netMinor),
      vatMinor: String(vatMinor),
      grossMinor: String(grossMinor),
      currency,
      lines,
    }).finish(),
};

/** The published form of a stored event; nothing for a private one. Pure: the same event gives the same bytes for ever. */
export const publicationsOf = (event: Recorded): Publication[] => {
  const translate = translations[event.type as StoredEvent['type']] as ((data: object) => Uint8Array) | 'private';
  return translate === 'private' ? [] : [{ type: `reporting.v1.${event.type}`, value: translate(event.data) }];
};
