import { Inject, type Type } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DATABASE, type Database } from '@oppi/database';
import { DomainError } from '@oppi/event-sourcing';
import { Operation, organisationId, type OperationType, type OutputOf, query, type Role } from '@oppi/service';
import { z } from 'zod';

const whole = z.string().regex(/^[0-9]+$/);
const refusal = z.strictObject({ index: whole, code: z.string(), message: z.string() }).meta({ id: 'ImportRefusal' });
const input = z.strictObject({ organisationId, importId: z.string().regex(/^[!-~]{8,100}$/) });
const output = z.strictObject({
  importId: z.string(),
  nextIndex: whole,
  accepted: whole,
  replayed: whole,
  refused: whole,
  refusals: z.array(refusal),
});

export type GetImportType = OperationType<typeof input, typeof output>;
type ImportRow = { next_index: string; accepted: string; replayed: string; refused: string };

const importOf = async (database: Database, key: z.output<typeof input>): Promise<z.output<typeof output>> => {
  const { organisationId: organisation, importId } = key;
  const { rows } = await database.query<ImportRow>(
    'select next_index, accepted, replayed, refused from imports where organisation_id = $1 and import_id = $2',
    [organisation, importId],
  );
  const [found] = rows;
  if (!found) throw new DomainError('not-found', 'import-not-found', 'There is no such import.');
  const refusals = await database.query<{ index: string; code: string; message: string }>(
    `select item_index as index, code, message from import_refusals
     where organisation_id = $1 and import_id = $2 order by item_index limit 1000`,
    [organisation, importId],
  );
  const { next_index: nextIndex, accepted, replayed, refused } = found;
  return { importId, nextIndex, accepted, replayed, refused, refusals: refusals.rows };
};

/** The operation that tells of an import, for the roles that bring history, and its handler. */
export const getImport = (allow: readonly Role[]): Readonly<{ GetImport: GetImportType; handler: Type }> => {
  @Operation({
    rpc: 'GetImport',
    http: 'GET /organisations/:organisationId/imports/:importId',
    allow,
    summary: 'Tells how far an import came, and what it refused.',
  })
  class GetImport extends query(input, output) {}

  @QueryHandler(GetImport)
  class GetImportHandler implements IQueryHandler<GetImport> {
    constructor(@Inject(DATABASE) private readonly database: Database) {}

    execute(asked: GetImport): Promise<OutputOf<typeof GetImport>> {
      return importOf(this.database, asked.input);
    }
  }
  return { GetImport, handler: GetImportHandler };
};
