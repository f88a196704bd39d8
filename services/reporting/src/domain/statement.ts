import { type Decider, type Event } from '@oppi/event-sourcing';
import { exact, sumOf, type VatTotal, vatTotals } from './money';
import type { Period } from './period';

/** Version of the rules by which a statement is made; it names the one that made it. A change of meaning is a new version. */
export const STATEMENT_RULES = 'statement-1';

/** A statement was issued: its bytes have this hash for ever. */
export type StatementIssued = Event<
  'StatementIssued',
  {
    period: Period;
    statementNo: number;
    sha256: string;
    netMinor: number;
    vatMinor: number;
    grossMinor: number;
    currency: string;
    lines: number;
  }
>;

export const statement: Decider<{ isIssued: boolean }, StatementIssued> = {
  initial: { isIssued: false },
  evolve: () => ({ isIssued: true }),
};

/** Second of two steps: the bytes lie there, and this is their hash. Again changes nothing. */
export const issueStatement = (
  { isIssued }: { isIssued: boolean },
  facts: StatementIssued['data'],
): StatementIssued[] => (isIssued ? [] : [{ type: 'StatementIssued', data: facts }]);

export const statementStream = (period: Period): string => `statement-${period}`;

/** A line as it stands on a statement. */
export type StatementLine = Readonly<{
  lineId: string;
  kind: 'charge' | 'reversal';
  commitmentId: string;
  goalId: string;
  outcomeNo: number;
  amountMinor: number;
  vatRateBasisPoints: number;
  deliveryPeriod: Period;
  period: Period;
  reversesLineId?: string;
  evidenceIds: readonly string[];
  /** Place of its decision in reporting's log; the order of the lines. */
  position: string;
}>;

export type CommitmentTotal = Readonly<{
  commitmentId: string;
  name: string;
  charges: number;
  reversals: number;
  netMinor: number;
}>;

/** What lines come to. */
export type Totals = Readonly<{
  netMinor: number;
  vatMinor: number;
  grossMinor: number;
  vat: readonly VatTotal[];
  commitments: readonly CommitmentTotal[];
}>;

/** Some lines of one kind, commitment and rate: how many, and their sum. */
export type LineGroup = Readonly<{
  kind: 'charge' | 'reversal';
  commitmentId: string;
  vatRateBasisPoints: number;
  lines: number;
  amountMinor: number;
}>;

/** `names` are the commitments' by id. Sums of whole minor units: the order of the groups does not matter. */
export const totalsOf = (groups: readonly LineGroup[], names: ReadonlyMap<string, string>): Totals => {
  const vat = vatTotals(groups);
  const netMinor = sumOf(vat.map((each) => each.netMinor));
  const vatMinor = sumOf(vat.map((each) => each.vatMinor));
  return { netMinor, vatMinor, grossMinor: exact(netMinor + vatMinor), vat, commitments: perCommitment(groups, names) };
};

const perCommitment = (groups: readonly LineGroup[], names: ReadonlyMap<string, string>): CommitmentTotal[] => {
  const totals = new Map<string, { charges: number; reversals: number; netMinor: number }>();
  for (const { commitmentId, kind, lines, amountMinor } of groups) {
    const total = totals.get(commitmentId) ?? { charges: 0, reversals: 0, netMinor: 0 };
    total[kind === 'charge' ? 'charges' : 'reversals'] += lines;
    total.netMinor = exact(total.netMinor + amountMinor);
    totals.set(commitmentId, total);
  }
  return [...totals]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([commitmentId, total]) => ({ commitmentId, name: names.get(commitmentId) ?? '', ...total }));
};
