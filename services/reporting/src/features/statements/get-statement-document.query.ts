import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DomainError } from '@oppi/event-sourcing';
import { Operation, organisationId, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';
import { period } from '../../ledger/line-view';
import { LEDGER_READERS } from '../../ledger/roles';
import { StatementDocuments } from '../../ledger/statement-documents';

@Operation({
  rpc: 'GetStatementDocument',
  http: 'GET /organisations/:organisationId/statements/:period/document',
  allow: LEDGER_READERS,
  summary: 'Reads the bytes of an issued statement, a part at a time. The parts in their order are the document.',
})
export class GetStatementDocument extends query(
  z.strictObject({ organisationId, period, part: z.int().min(0).max(4_000).default(0) }),
  z.strictObject({
    mediaType: z.string(),
    sha256: z.string(),
    part: z.int().min(0),
    parts: z.int().min(1),
    base64: z.string(),
  }),
) {}

const PART_BYTES = 512 * 1024;

@QueryHandler(GetStatementDocument)
export class GetStatementDocumentHandler implements IQueryHandler<GetStatementDocument> {
  constructor(private readonly documents: StatementDocuments) {}

  async execute({ input }: GetStatementDocument): Promise<OutputOf<typeof GetStatementDocument>> {
    const { organisationId, period, part } = input;
    const found = await this.documents.part(organisationId, period, { from: part * PART_BYTES, bytes: PART_BYTES });
    if (!found)
      throw new DomainError('not-found', 'statement-not-issued', 'There is no issued statement of this month.');
    const parts = Math.ceil(found.size / PART_BYTES);
    if (part >= parts) throw new DomainError('not-found', 'part-not-found', 'The document has no such part.');
    const { sha256, bytes } = found;
    return { mediaType: 'application/json', sha256, part, parts, base64: bytes.toString('base64') };
  }
}
