import { uuid } from '@oppi/service';
import { z } from 'zod';

const minor = z.string().regex(/^-?[0-9]+$/);
export const period = z
  .string()
  .regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/, 'must be a month, YYYY-MM')
  .meta({ description: 'A month, YYYY-MM.' });

export const lineView = z
  .strictObject({
    lineId: uuid,
    kind: z.enum(['charge', 'reversal']),
    commitmentId: uuid,
    goalId: uuid,
    outcomeNo: z.int().min(1),
    amountMinor: minor.optional(),
    currency: z.string(),
    vatRateBasisPoints: z.int().min(0).optional(),
    deliveryPeriod: period,
    period: period.optional(),
    reversesLineId: uuid.optional(),
    lockCode: z.string().optional(),
    position: z.string().regex(/^[0-9]+$/),
  })
  .meta({ id: 'Line' });
export type LineView = z.output<typeof lineView>;

/** A row of `lines`. */
export type Line = Readonly<{
  lineId: string;
  kind: 'charge' | 'reversal';
  commitmentId: string;
  goalId: string;
  outcomeNo: number;
  amountMinor: number | null;
  currency: string;
  vatRateBasisPoints: number | null;
  deliveryPeriod: string;
  period: string | null;
  reversesLineId: string | null;
  /** Null also once it was reversed while locked: there is nothing to be looked after any more. */
  lockCode: string | null;
  evidenceIds: readonly string[];
  position: string;
}>;

export const LINE_COLUMNS = `
  line_id as "lineId", kind, commitment_id as "commitmentId", goal_id as "goalId", outcome_no as "outcomeNo",
  amount_minor as "amountMinor", currency, vat_rate_basis_points as "vatRateBasisPoints",
  delivery_period as "deliveryPeriod", period, reverses_line_id as "reversesLineId",
  case when not reversed then lock_code end as "lockCode", evidence_ids as "evidenceIds", position`;

type Row = Omit<Line, 'amountMinor' | 'evidenceIds'> & { amountMinor: string | null; evidenceIds: string };

export const asLine = (row: Row): Line => ({
  ...row,
  amountMinor: row.amountMinor === null ? null : Number(row.amountMinor),
  evidenceIds: row.evidenceIds === '' ? [] : row.evidenceIds.split(','),
});

export const viewOf = (line: Line): LineView => {
  const { amountMinor, vatRateBasisPoints, period: collected, reversesLineId, lockCode } = line;
  return {
    lineId: line.lineId,
    kind: line.kind,
    commitmentId: line.commitmentId,
    goalId: line.goalId,
    outcomeNo: line.outcomeNo,
    ...(amountMinor !== null && { amountMinor: String(amountMinor) }),
    currency: line.currency,
    ...(vatRateBasisPoints !== null && { vatRateBasisPoints }),
    deliveryPeriod: line.deliveryPeriod,
    ...(collected !== null && { period: collected }),
    ...(reversesLineId !== null && { reversesLineId }),
    ...(lockCode !== null && { lockCode }),
    position: line.position,
  };
};
