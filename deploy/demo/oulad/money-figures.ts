import type { CommitmentStanding, StatementSummary } from '@oppi/contracts/reporting/v1/reporting_service';
import type { DataSet } from './data-set';
import type { Ids } from './ids';

/** What a statement, or some of them, come to. Amounts are in cents. */
export type StatementFigures = Readonly<{ lines: number; netMinor: number; vatMinor: number; grossMinor: number }>;

/** How a commitment stands, and what is billed for it. */
export type CommitmentFigures = Readonly<{
  promised: number;
  threshold: number;
  attained: number;
  status: string;
  billedMinor: number;
}>;

export type MoneyFigures = Readonly<{
  statements: Readonly<Record<string, StatementFigures>>;
  /** The sum of the statements. */
  all: StatementFigures;
  commitments: Readonly<Record<string, CommitmentFigures>>;
}>;

export const figuresOf = ({ lines, netMinor, vatMinor, grossMinor }: StatementSummary): StatementFigures => ({
  lines,
  netMinor: Number(netMinor),
  vatMinor: Number(vatMinor),
  grossMinor: Number(grossMinor),
});

export const sumOf = (statements: readonly StatementFigures[]): StatementFigures =>
  statements.reduce(
    (sum, { lines, netMinor, vatMinor, grossMinor }) => ({
      lines: sum.lines + lines,
      netMinor: sum.netMinor + netMinor,
      vatMinor: sum.vatMinor + vatMinor,
      grossMinor: sum.grossMinor + grossMinor,
    }),
    { lines: 0, netMinor: 0, vatMinor: 0, grossMinor: 0 },
  );

/** The commitments of a data set by their presentations. */
export const commitmentFigures = (
  data: DataSet,
  ids: Ids,
  commitments: readonly CommitmentStanding[],
): Record<string, CommitmentFigures> => {
  const figures: Record<string, CommitmentFigures> = {};
  for (const { key } of data.presentations) {
    const id = ids.commitment(key);
    const standing = commitments.find(({ commitmentId }) => commitmentId === id);
    if (!standing) continue;
    const { promised, threshold, attained, status, billedMinor } = standing;
    figures[key] = { promised, threshold, attained, status, billedMinor: Number(billedMinor) };
  }
  return figures;
};

export const moneyFigures = (
  data: DataSet,
  ids: Ids,
  commitments: readonly CommitmentStanding[],
  statements: readonly StatementSummary[],
): MoneyFigures => ({
  statements: Object.fromEntries(statements.map((one) => [one.period, figuresOf(one)])),
  all: sumOf(statements.map(figuresOf)),
  commitments: commitmentFigures(data, ids, commitments),
});
