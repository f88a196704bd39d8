import { type Database, inSnapshot, type Session } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';
import type { LineGroup } from '../domain/statement';
import { readPositions } from '../billing/read-positions';
import type { Promised } from './promised';
import { asLine, LINE_COLUMNS, type Line } from './line-view';

/** What a statement is of: the lines collected in the months after `after`, up to and with `period`. */
export type Frame = Readonly<{
  period: string;
  after: string;
  /** Of a closed month only. */
  closing?: Closing;
  /** Of an issued statement only. */
  issued?: Readonly<{ issuedAt: string; sha256: string }>;
}>;
type Closing = Readonly<{
  closedBefore: string | null;
  statementNo: number;
  inboxPosition: string;
  closedAt: string;
  position: string;
}>;
type FrameRow = Closing & Readonly<{ period: string; issuedAt: string | null; sha256: string | null }>;

type Known = Readonly<{
  organisationId: string;
  timeZone: string;
  currency: string;
  position: string;
  frames: Frame[];
}>;

/** All that reporting decided on an organisation's money, from one snapshot. */
export class Ledger {
  constructor(
    private readonly session: Session,
    readonly known: Known,
  ) {}

  /** The last month that is closed; empty when none is. */
  get lastClosed(): string {
    return this.known.frames.at(-1)?.period ?? '';
  }

  /** The statement of a month, as issued or as it would be now. A month that a later statement covers has none. */
  frameOf(period: string): Frame {
    const found = this.known.frames.find((frame) => frame.period === period);
    if (found) return found;
    if (period <= this.lastClosed)
      throw new DomainError(
        'not-found',
        'statement-not-found',
        'This month has no statement of its own: a later one covers it.',
      );
    return { period, after: this.lastClosed };
  }

  /** The issued statement that holds what was collected in a month. */
  issuedWith(period: string | null): Frame | undefined {
    if (period === null) return undefined;
    return this.known.frames.find((frame) => frame.issued && frame.after < period && period <= frame.period);
  }

  async groups({ after, period }: Frame): Promise<LineGroup[]> {
    const { rows } = await this.session.query<Omit<LineGroup, 'amountMinor'> & { amountMinor: string }>(
      `select kind, commitment_id as "commitmentId", vat_rate_basis_points as "vatRateBasisPoints",
              count(*)::integer as lines, sum(amount_minor)::text as "amountMinor"
       from lines where organisation_id = $1 and period > $2 and period <= $3 group by 1, 2, 3 order by 1, 2, 3`,
      [this.known.organisationId, after, period],
    );
    return rows.map((row) => ({ ...row, amountMinor: Number(row.amountMinor) }));
  }

  /** Lines in the order in which they were decided, behind `position`; all of them without a limit. */
  async lines({ after, period }: Frame, position = '0', limit: number | null = null): Promise<Line[]> {
    return this.select(`and period > $2 and period <= $3 and position > $4 order by position limit $5`, [
      after,
      period,
      position,
      limit,
    ]);
  }

  /** Lines by what `where` says of them. */
  async select(where: string, values: readonly unknown[]): Promise<Line[]> {
    const { rows } = await this.session.query<Parameters<typeof asLine>[0]>(
      `select ${LINE_COLUMNS} from lines l where organisation_id = $1 ${where}`,
      [this.known.organisationId, ...values],
    );
    return rows.map(asLine);
  }

  /** How many charges were held back when the month was closed; now, while it is open. */
  async lockedLines({ closing, period }: Frame): Promise<number> {
    const { rows } = await this.session.query<{ n: number }>(
      `select count(*)::integer as n from lines
       where organisation_id = $1 and delivery_period <= $3 and locked_position <= coalesce($2::bigint, locked_position)
         and (unlocked_position is null or unlocked_position > $2::bigint)`,
      [this.known.organisationId, closing?.position ?? null, period],
    );
    return rows[0]?.n ?? 0;
  }

  /** What was agreed of some commitments. */
  async promises(commitmentIds: readonly string[]): Promise<Promised[]> {
    const { rows } = await this.session.query<Promised & { priceMinor: string | null }>(
      `select commitment_id as "commitmentId", name, promised, threshold, due_on::text as "dueOn",
              price_minor as "priceMinor", currency, vat_rate_basis_points as "vatRateBasisPoints"
       from commitments where organisation_id = $1 and commitment_id = any ($2::uuid[])`,
      [this.known.organisationId, commitmentIds],
    );
    return rows.map((row) => ({ ...row, priceMinor: row.priceMinor === null ? null : Number(row.priceMinor) }));
  }

  async commitmentNames(): Promise<Map<string, string>> {
    const { rows } = await this.session.query<{ id: string; name: string }>(
      'select commitment_id as id, name from commitments where organisation_id = $1',
      [this.known.organisationId],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}

const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const frameOf = ({ period, issuedAt, sha256, ...closing }: FrameRow): Frame => ({
  period,
  after: closing.closedBefore ?? '',
  closing,
  ...(issuedAt !== null && sha256 !== null && { issued: { issuedAt, sha256 } }),
});

/** Reads the ledger, each question from one snapshot, so that lines, sums and positions fit each other. */
export class LedgerReader {
  constructor(private readonly database: Database) {}

  /** Throws `organisation-not-found` when reporting has not heard of it. */
  async read<T>(organisationId: string, work: (ledger: Ledger, session: Session) => Promise<T>): Promise<T> {
    return inSnapshot(this.database, async (session) => {
      const organisation = await session.query<{ timeZone: string; currency: string }>(
        'select time_zone as "timeZone", currency from organisations where organisation_id = $1',
        [organisationId],
      );
      const [found] = organisation.rows;
      if (!found)
        throw new DomainError('not-found', 'organisation-not-found', 'There is no such organisation, or not yet.');
      const closings = await session.query<FrameRow>(
        `select period, closed_before as "closedBefore", statement_no as "statementNo", position,
                inbox_position as "inboxPosition", ${utc('closed_at')} as "closedAt", ${utc('issued_at')} as "issuedAt", sha256
         from statements where organisation_id = $1 order by period`,
        [organisationId],
      );
      const { ledger } = await readPositions(session);
      const known = { organisationId, ...found, position: ledger.toString(), frames: closings.rows.map(frameOf) };
      return work(new Ledger(session, known), session);
    });
  }
}
