import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';
import { Operation, organisationId, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';

const whole = z.string().regex(/^\d+$/);
const refusal = z.strictObject({ index: whole, code: z.string(), message: z.string() }).meta({ id: 'ImportRefusal' });

@Operation({
  rpc: 'GetImport',
  http: 'GET /organisations/:organisationId/imports/:importId',
  allow: ['operations', 'integration', 'manager'],
  summary: 'Tells how far an import came, and what it refused.',
})
export class GetImport extends query(
  z.strictObject({ organisationId, importId: z.string().regex(/^[\x21-\x7e]{8,100}$/) }),
  z.strictObject({
    importId: z.string(),
    nextIndex: whole,
    accepted: whole,
    replayed: whole,
    refused: whole,
    refusals: z.array(refusal),
  }),
) {}

type ImportRow = { next_index: string; accepted: string; replayed: string; refused: string };

@QueryHandler(GetImport)
export class GetImportHandler implements IQueryHandler<GetImport> {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async execute({ input: { organisationId, importId } }: GetImport): Promise<OutputOf<typeof GetImport>> {
    const key = [organisationId, importId];
    const { rows } = await this.database.query<ImportRow>(
      'select next_index, accepted, replayed, refused from imports where organisation_id = $1 and import_id = $2',
      key,
    );
    const [found] = rows;
    if (!found) throw new DomainError('not-found', 'import-not-found', 'There is no such import.');
    const refusals = await this.database.query<{ index: string; code: string; message: string }>(
      `select item_index as index, code, message from import_refusals
       where organisation_id = $1 and import_id = $2 order by item_index limit 1000`,
      key,
    );
    const { next_index: nextIndex, accepted, replayed, refused } = found;
    return { importId, nextIndex, accepted, replayed, refused, refusals: refusals.rows };
  }
}
