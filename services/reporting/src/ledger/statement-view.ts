import { uuid } from '@oppi/service';
import { z } from 'zod';
import { type Totals, totalsOf } from '../domain/statement';
import type { Frame, Ledger } from './ledger-reader';
import { period } from './line-view';

const count = z.int().min(0);
const minor = z.string().regex(/^-?[0-9]+$/);

const vatTotal = z.strictObject({ rateBasisPoints: count, netMinor: minor, vatMinor: minor }).meta({ id: 'VatTotal' });
const commitmentTotal = z
  .strictObject({ commitmentId: uuid, name: z.string(), charges: count, reversals: count, netMinor: minor })
  .meta({ id: 'CommitmentTotal' });

export const statementSummary = z
  .strictObject({
    period,
    status: z.enum(['draft', 'issued']),
    statementNo: z.int().min(1).optional(),
    lines: count,
    netMinor: minor,
    vatMinor: minor,
    grossMinor: minor,
    currency: z.string(),
    issuedAt: z.iso.datetime().optional(),
    sha256: z.string().optional(),
    position: z.string().regex(/^[0-9]+$/),
    vat: z.array(vatTotal),
    commitments: z.array(commitmentTotal),
    lockedLines: count,
  })
  .meta({ id: 'StatementSummary' });
export type StatementSummary = z.output<typeof statementSummary>;

/** What the lines of a statement come to, and how many they are. */
export const sumUp = async (ledger: Ledger, frame: Frame): Promise<Totals & { lines: number }> => {
  const groups = await ledger.groups(frame);
  const totals = totalsOf(groups, await ledger.commitmentNames());
  return { ...totals, lines: groups.reduce((sum, { lines }) => sum + lines, 0) };
};

export const summaryOf = async (ledger: Ledger, frame: Frame): Promise<StatementSummary> => {
  const { lines, netMinor, vatMinor, grossMinor, vat, commitments } = await sumUp(ledger, frame);
  const { issued, closing } = frame;
  return {
    period: frame.period,
    status: issued ? 'issued' : 'draft',
    ...(issued && closing && { statementNo: closing.statementNo }),
    lines,
    netMinor: String(netMinor),
    vatMinor: String(vatMinor),
    grossMinor: String(grossMinor),
    currency: ledger.known.currency,
    ...issued,
    position: closing?.position ?? ledger.known.position,
    vat: vat.map((each) => ({
      rateBasisPoints: each.rateBasisPoints,
      netMinor: String(each.netMinor),
      vatMinor: String(each.vatMinor),
    })),
    commitments: commitments.map((each) => ({ ...each, netMinor: String(each.netMinor) })),
    lockedLines: await ledger.lockedLines(frame),
  };
};
