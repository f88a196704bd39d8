import type { Recorded } from '@oppi/event-sourcing';
import { projection, type Rule } from '@oppi/projections';
import type { ChargeLocked, ChargeReleased, ChargeReversed, Earned, GoalCharged } from '../domain/charges.events';

/**
 * One amount. `period`: the month it is collected in, null while it is locked. Positions are places in reporting's log: of
 * the decision that made the line, and from where to where it was locked. `recordedAt`: since when it stands as it does.
 */
export type LineRow = {
  organisationId: string;
  lineId: string;
  kind: 'charge' | 'reversal';
  commitmentId: string;
  goalId: string;
  outcomeNo: number;
  amountMinor: string | null;
  currency: string;
  vatRateBasisPoints: number | null;
  deliveryPeriod: string;
  period: string | null;
  reversesLineId: string | null;
  lockCode: string | null;
  evidenceIds: string;
  position: string;
  lockedPosition: string | null;
  unlockedPosition: string | null;
  reversed: boolean;
  released: boolean;
  recordedAt: string;
};

type Log = Recorded;
type Reversal = ChargeReversed['data'];

const key = ({ organisationId, data }: Log): Partial<LineRow> => ({ organisationId, lineId: (data as Earned).lineId });

const lineOf = (event: Log, data: Omit<Earned, 'evidenceIds'> & { period?: string }): LineRow => ({
  organisationId: event.organisationId,
  lineId: data.lineId,
  kind: 'charge',
  commitmentId: data.commitmentId,
  goalId: data.goalId,
  outcomeNo: data.outcomeNo,
  amountMinor: data.amountMinor === undefined ? null : String(data.amountMinor),
  currency: data.currency,
  vatRateBasisPoints: data.vatRateBasisPoints ?? null,
  deliveryPeriod: data.deliveryPeriod,
  period: data.period ?? null,
  reversesLineId: null,
  lockCode: null,
  evidenceIds: '',
  position: event.position.toString(),
  lockedPosition: null,
  unlockedPosition: null,
  reversed: false,
  released: false,
  recordedAt: event.recordedAt,
});

const locked: Rule<LineRow, Log> = {
  key,
  row: (row, event) => {
    const data = event.data as ChargeLocked['data'];
    const line = row ?? { ...lineOf(event, data), evidenceIds: data.evidenceIds.join(',') };
    const { position, recordedAt } = event;
    return { ...line, period: null, lockCode: data.lockCode, lockedPosition: position.toString(), recordedAt };
  },
};

const released: Rule<LineRow, Log> = {
  key,
  row: (row, { data, position, recordedAt }) => {
    const { period } = data as ChargeReleased['data'];
    const unlockedPosition = position.toString();
    return row && { ...row, period, lockCode: null, released: true, unlockedPosition, recordedAt };
  },
};

/** The new line, and the mark on the one that it takes back. */
const reversed: Rule<LineRow, Log> = {
  key: ({ organisationId, data }) => {
    const { lineId, reversesLineId } = data as Reversal;
    return [
      { organisationId, lineId },
      { organisationId, lineId: reversesLineId },
    ];
  },
  row: (row, event, { lineId }) => {
    const data = event.data as Reversal;
    if (lineId === data.lineId)
      return { ...lineOf(event, data), kind: 'reversal', reversesLineId: data.reversesLineId };
    return row && { ...row, reversed: true, unlockedPosition: row.unlockedPosition ?? event.position.toString() };
  },
};

/** One row per charge and per reversal. */
export const lines = projection<LineRow, Log>({
  table: {
    name: 'lines',
    columns: {
      organisationId: 'uuid',
      lineId: 'uuid',
      kind: 'text',
      commitmentId: 'uuid',
      goalId: 'uuid',
      outcomeNo: 'integer',
      amountMinor: 'bigint',
      currency: 'text',
      vatRateBasisPoints: 'integer',
      deliveryPeriod: 'text',
      period: 'text',
      reversesLineId: 'uuid',
      lockCode: 'text',
      evidenceIds: 'text',
      position: 'bigint',
      lockedPosition: 'bigint',
      unlockedPosition: 'bigint',
      reversed: 'boolean',
      released: 'boolean',
      recordedAt: 'timestamptz',
    },
    key: ['organisationId', 'lineId'],
  },
  on: {
    GoalCharged: {
      key,
      row: (_row, event) => {
        const data = event.data as GoalCharged['data'];
        return { ...lineOf(event, data), evidenceIds: data.evidenceIds.join(',') };
      },
    },
    ChargeLocked: locked,
    ChargeReleased: released,
    ChargeReversed: reversed,
  },
});
