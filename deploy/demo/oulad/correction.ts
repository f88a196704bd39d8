import type { Line, StatementSummary } from '@oppi/contracts/reporting/v1/reporting_service';
import { type DataSet, hasPassed, type Registration } from './data-set';
import { type AttainmentFigures, readAttainment } from './figures';
import type { Ids } from './ids';
import { commitmentsOf, documentHashes, linesOf, type MoneySource, statementOf } from './money';
import { type CommitmentFigures, commitmentFigures, figuresOf, type StatementFigures, sumOf } from './money-figures';
import { settled } from './settled';

const mostVoided = 100;

/** Whose board result is taken back after billing: the first hundred that passed, in the order of the file. */
export const corrected = ({ registrations }: DataSet): Registration[] =>
  registrations.filter(hasPassed).slice(0, mostVoided);

/** What a correction after billing has done; the figures before it are those of the report. */
export type Correction = Readonly<{
  voided: number;
  attainment: Readonly<Record<string, AttainmentFigures>>;
  commitments: Readonly<Record<string, CommitmentFigures>>;
  /** Reversals that take back the one charge of a voided goal, the months in which they are settled, and what these come to. */
  reversals: StatementFigures;
  periods: readonly string[];
  /** Of each issued statement: its hash at issue, and whether its bytes still had it after the correction. */
  documents: readonly Readonly<{ period: string; sha256: string; unchanged: boolean }>[];
  shortfall: string | undefined;
}>;

/** Reversals of these goals, each linked to the one charge of its goal. */
const reversalsAmong = (lines: readonly Line[], goalIds: ReadonlySet<string>): Line[] => {
  const charges = new Map(lines.filter(({ kind }) => kind === 'charge').map((line) => [line.lineId, line]));
  return lines.filter(({ kind, goalId, reversesLineId = '', amountMinor }) => {
    const charge = charges.get(reversesLineId);
    const takesBack = charge?.goalId === goalId && Number(charge.amountMinor) === -Number(amountMinor);
    return kind === 'reversal' && goalIds.has(goalId) && takesBack;
  });
};

/** Waits until every voided goal has its reversal, or no more come for `patience` milliseconds. */
const settledReversals = async (source: MoneySource, ids: Ids, voided: readonly Registration[], patience: number) => {
  const goalIds = new Set(voided.map(({ key }) => ids.goal(key)));
  const keys = [...new Set(voided.map(({ presentation }) => presentation.key))];
  const { seen } = await settled(async () => {
    const lines: Line[] = [];
    for (const key of keys) lines.push(...(await linesOf(source, ids, ids.commitment(key))));
    const reversals = reversalsAmong(lines, goalIds);
    return { seen: reversals, complete: reversals.length === voided.length, state: String(reversals.length) };
  }, patience);
  return seen;
};

/** What was voided, and the statements issued before with the hashes that their bytes had. */
type Done = Readonly<{
  voided: readonly Registration[];
  statements: readonly StatementSummary[];
  hashes: ReadonlyMap<string, string>;
  patience: number;
}>;

/** Reads what the voiding of some board results has done to figures, commitments, lines and issued statements. */
export const readCorrection = async (
  source: MoneySource,
  data: DataSet,
  ids: Ids,
  { voided, statements: issued, hashes, patience }: Done,
): Promise<Correction> => {
  const reversals = await settledReversals(source, ids, voided, patience);
  const { attainment, shortfall } = await readAttainment(source, data, ids, { voided: voided.length, patience });
  const { commitments } = await commitmentsOf(source, ids);
  const periods = [...new Set(reversals.map(({ period = 'held back' }) => period))].sort();
  const last = periods.at(-1);
  const statement = last === undefined ? undefined : await statementOf(source, ids, last);
  const now = await documentHashes(source, ids, issued);
  const lacking = `Reporting has ${reversals.length} of ${voided.length} reversals.`;
  return {
    voided: voided.length,
    attainment,
    commitments: commitmentFigures(data, ids, commitments),
    reversals: { ...sumOf(statement ? [figuresOf(statement)] : []), lines: reversals.length },
    periods,
    documents: issued.map(({ period, sha256 = '' }) => {
      const unchanged = now.get(period) === sha256 && hashes.get(period) === sha256;
      return { period, sha256, unchanged };
    }),
    shortfall: shortfall ?? (reversals.length === voided.length ? undefined : lacking),
  };
};
