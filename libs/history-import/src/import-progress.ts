import { type Database, inTransaction } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';

export type ItemResult = Readonly<{
  outcome: 'accepted' | 'replayed' | 'refused';
  version: number;
  code?: string;
  message?: string;
}>;

type ImportKey = Readonly<{ organisationId: string; importId: string }>;

/** Where imports stand. */
export class ImportProgress {
  constructor(private readonly database: Database) {}

  /** The index that the import must go on with; 0 for a new one. */
  async nextIndex({ organisationId, importId }: ImportKey): Promise<bigint> {
    const { rows } = await this.database.query<{ next_index: string }>(
      'select next_index from imports where organisation_id = $1 and import_id = $2',
      [organisationId, importId],
    );
    return BigInt(rows[0]?.next_index ?? 0);
  }

  /**
   * Keeps the results of a run of items. Items that have a result already keep theirs, so a run that is sent again, or by
   * two streams at once, counts once. Throws `import-gap` when items before the run have no result yet.
   */
  async keep(
    { organisationId, importId }: ImportKey,
    firstIndex: bigint,
    results: readonly ItemResult[],
  ): Promise<void> {
    const key = [organisationId, importId];
    await inTransaction(this.database, async (session) => {
      await session.query(
        'insert into imports (organisation_id, import_id) values ($1, $2) on conflict do nothing',
        key,
      );
      const { rows } = await session.query<{ next_index: string }>(
        'select next_index from imports where organisation_id = $1 and import_id = $2 for update',
        key,
      );
      const next = BigInt(rows[0]?.next_index ?? 0);
      if (firstIndex > next) throw gap(next);
      const fresh = results.slice(Number(next - firstIndex));
      const many = (outcome: ItemResult['outcome']): number =>
        fresh.filter((result) => result.outcome === outcome).length;
      await session.query(
        `update imports set next_index = next_index + $3, accepted = accepted + $4, replayed = replayed + $5, refused = refused + $6
         where organisation_id = $1 and import_id = $2`,
        [...key, fresh.length, many('accepted'), many('replayed'), many('refused')],
      );
      const refused = fresh.flatMap((result, i) =>
        result.outcome === 'refused' ? [{ ...result, index: next + BigInt(i) }] : [],
      );
      if (refused.length === 0) return;
      await session.query(
        `insert into import_refusals (organisation_id, import_id, item_index, code, message)
         select $1, $2, * from unnest($3::bigint[], $4::text[], $5::text[])`,
        [
          ...key,
          refused.map((each) => each.index.toString()),
          refused.map((each) => each.code),
          refused.map((each) => each.message),
        ],
      );
    });
  }
}

export const gap = (next: bigint): DomainError =>
  new DomainError('conflict', 'import-gap', `Items are missing before this run. Go on with index ${next.toString()}.`);
