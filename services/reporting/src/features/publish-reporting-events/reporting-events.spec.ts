import * as published from '@oppi/contracts/reporting/v1/reporting_events';
import type { Recorded } from '@oppi/event-sourcing';
import { earned, wasCharged, wasClosed, wasLocked, wasReleased, wasReversed } from '../../domain/billing.fixtures';
import { publicationsOf } from './reporting-events.publication';

const recorded = ({ type, data }: { type: string; data: object }): Recorded => ({ type, data }) as Recorded;
const valueOf = (event: { type: string; data: object }): Uint8Array => {
  const [publication] = publicationsOf(recorded(event));
  expect(publication?.type).toBe(`reporting.v1.${event.type}`);
  return publication?.value ?? new Uint8Array();
};

describe('publishing what was decided on money', () => {
  it('tells a charge with its amount as text, its months and its evidence', () => {
    expect(published.GoalCharged.decode(valueOf(wasCharged('2026-04')))).toEqual({
      ...earned(),
      amountMinor: '4990',
      period: '2026-04',
      evidenceIds: ['e'],
    });
  });

  it('tells a reversal with the line that it takes back, and no month where the charge was held back', () => {
    const billed = published.ChargeReversed.decode(valueOf(wasReversed('2026-05')));
    expect(billed).toMatchObject({ lineId: 'r-1', reversesLineId: 'l-1', amountMinor: '-4990', period: '2026-05' });
    expect(published.ChargeReversed.decode(valueOf(wasReversed(undefined))).period).toBeUndefined();
  });

  it('tells locks and releases by their codes', () => {
    const line = { lineId: 'l-1', commitmentId: 'c', goalId: 'g', outcomeNo: 1 };
    expect(published.ChargeLocked.decode(valueOf(wasLocked()))).toEqual({ ...line, lockCode: 'verifier-was-coach' });
    expect(published.ChargeReleased.decode(valueOf(wasReleased('2026-06')))).toEqual({
      ...line,
      reasonCode: 'looked-at',
      period: '2026-06',
    });
  });

  it('keeps a closing private until its statement is issued', () => {
    expect(publicationsOf(recorded(wasClosed('2026-03')))).toEqual([]);
    const totals = { netMinor: -4990, vatMinor: -1272, grossMinor: -6262, currency: 'EUR', lines: 1 };
    const data = { period: '2026-03', statementNo: 2, sha256: 'f'.repeat(64), ...totals };
    expect(published.StatementIssued.decode(valueOf({ type: 'StatementIssued', data }))).toEqual({
      ...data,
      netMinor: '-4990',
      vatMinor: '-1272',
      grossMinor: '-6262',
    });
  });
});
