import type { Session } from '@oppi/database';
import type { Message } from './bus';
import type { InboxOptions } from './inbox';
import { store, writeInbox } from './inbox-tables';
import { readMessage } from './reading';
import { type Accepted, lineOf } from './sorting';

/** A message that waits, without its content. */
export type ParkedMessage = Readonly<{
  id: bigint;
  topic: string;
  partition: number;
  offset: bigint;
  /** Absent, as the next two, when the message does not say it in a way that can be believed. */
  organisationId?: string;
  subject?: string;
  type?: string;
  /** Names the fault, never the content. */
  reason: string;
  /** ISO-8601 UTC. */
  parkedAt: string;
}>;

export type Redriven = Readonly<{
  /** How many left the park: into the inbox, or passed over because nobody handles their type any more. */
  redriven: number;
  stillParked: number;
}>;

const PAGE = 500;
const COUNT = 'select count(*)::integer from parked_messages';

/** The messages that could not be taken in, and those behind them. Without an organisation, all are meant. */
export class ParkedMessages {
  constructor(private readonly options: InboxOptions) {}

  /**
   * Tries all of them again in their order, for instance after a decoder was mended. What can be read goes to the end of
   * the inbox, and what waited behind it follows. What still cannot be read keeps holding up its own line alone.
   */
  async redrive(organisationId?: string): Promise<Redriven> {
    const held = new Set<string>();
    let redriven = 0;
    let after: string | undefined = '0';
    while (after !== undefined) {
      const page: Page = await this.redrivePage(organisationId, after, held);
      redriven += page.redriven;
      after = page.last;
    }
    return { redriven, stillParked: await this.count(organisationId) };
  }

  /** The oldest first. */
  async list(organisationId: string | undefined, limit: number): Promise<ParkedMessage[]> {
    const { rows } = await this.options.database.query<ListRow>(
      `select id, topic, partition, "offset", organisation_id, subject, type, reason, parked_at from parked_messages
       where $1::uuid is null or organisation_id = $1 order by id limit $2`,
      [organisationId ?? null, limit],
    );
    return rows.map((row) => ({
      id: BigInt(row.id),
      topic: row.topic,
      partition: row.partition,
      offset: BigInt(row.offset),
      ...(row.organisation_id === null ? {} : { organisationId: row.organisation_id }),
      ...(row.subject === null ? {} : { subject: row.subject }),
      ...(row.type === null ? {} : { type: row.type }),
      reason: row.reason,
      parkedAt: row.parked_at.toISOString(),
    }));
  }

  async count(organisationId?: string): Promise<number> {
    const { rows } = await this.options.database.query<{ count: number }>(
      organisationId === undefined
        ? COUNT
        : { name: 'parked-of', text: `${COUNT} where organisation_id = $1`, values: [organisationId] },
    );
    return rows[0]?.count ?? 0;
  }

  private redrivePage(organisationId: string | undefined, after: string, held: Set<string>): Promise<Page> {
    // Alone in the inbox: nothing may be parked behind a message while it leaves.
    return writeInbox(this.options.database, async (session) => {
      const { rows } = await session.query<ParkedRow>(
        `select id, organisation_id, subject, reason, key, value, headers from parked_messages
         where id > $1 and ($2::uuid is null or organisation_id = $2) order by id limit ${PAGE}`,
        [after, organisationId ?? null],
      );
      const accepted: Accepted[] = [];
      const leaving: string[] = [];
      for (const row of rows) {
        const outcome = this.retry(row, held);
        if (outcome.kind === 'stays') await noteReason(session, row, outcome.reason);
        else leaving.push(row.id);
        if (outcome.kind === 'accepted') accepted.push(outcome.event);
      }
      await store(session, { events: accepted, marks: [], offsets: [] });
      await session.query('delete from parked_messages where id = any ($1::bigint[])', [leaving]);
      return { redriven: leaving.length, last: rows.length === PAGE ? rows.at(-1)?.id : undefined };
    });
  }

  private retry(row: ParkedRow, held: Set<string>): Outcome {
    const { decoders, parkBy = 'subject' } = this.options;
    const message: Message = { key: row.key, value: row.value, headers: row.headers };
    const reading = readMessage(message, decoders);
    const stored = { organisationId: row.organisation_id ?? undefined, subject: row.subject ?? undefined };
    const line = lineOf(parkBy, reading.kind === 'refused' ? stored : reading.envelope);
    if (line !== undefined && held.has(line)) return { kind: 'stays', reason: row.reason };
    if (reading.kind === 'unhandled') return { kind: 'passed-over' };
    if (reading.kind === 'event') return { kind: 'accepted', event: { envelope: reading.envelope, value: row.value } };
    if (line !== undefined) held.add(line);
    return { kind: 'stays', reason: reading.reason };
  }
}

type Outcome = { kind: 'stays'; reason: string } | { kind: 'passed-over' } | { kind: 'accepted'; event: Accepted };

type Page = { redriven: number; last: string | undefined };

type ListRow = {
  id: string;
  topic: string;
  partition: number;
  offset: string;
  organisation_id: string | null;
  subject: string | null;
  type: string | null;
  reason: string;
  parked_at: Date;
};

type ParkedRow = {
  id: string;
  organisation_id: string | null;
  subject: string | null;
  reason: string;
  key: string;
  value: Uint8Array;
  headers: Record<string, string>;
};

/** One that waited behind another may now be the first of its line, with a fault of its own. */
const noteReason = async (session: Session, { id, reason }: ParkedRow, newReason: string): Promise<void> => {
  if (reason === newReason) return;
  await session.query('update parked_messages set reason = $2 where id = $1', [id, newReason]);
};
