import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Database, WORK_DATABASE } from '@oppi/database';
import { EventStore } from '@oppi/event-store';
import { InboxLog } from '@oppi/messaging';
import { rebuild } from '@oppi/projections';
import { command, Operation, organisationId, type OutputOf } from '@oppi/service';
import { z } from 'zod';
import { ledgerModels } from '../../ledger/ledger-models';
import { readModels } from '../../read-models/read-models';

const whole = z.string().regex(/^[0-9]+$/);
const rebuilt = z
  .strictObject({ name: z.string(), events: whole, rows: whole, equal: z.boolean(), milliseconds: z.int().min(0) })
  .meta({ id: 'RebuiltReadModel' });

@Operation({
  rpc: 'RebuildReadModels',
  http: 'POST /organisations/:organisationId/read-models/rebuild',
  allow: ['operations'],
  summary: 'Rebuilds every read model, of all organisations, beside the live one, compares, and swaps.',
})
export class RebuildReadModels extends command(
  z.strictObject({ organisationId }),
  z.strictObject({ readModels: z.array(rebuilt) }),
) {}

@CommandHandler(RebuildReadModels)
export class RebuildReadModelsHandler implements ICommandHandler<RebuildReadModels> {
  constructor(
    @Inject(WORK_DATABASE) private readonly database: Database,
    private readonly inbox: InboxLog,
    private readonly store: EventStore,
  ) {}

  async execute(): Promise<OutputOf<typeof RebuildReadModels>> {
    const results = [
      ...(await rebuild(this.database, this.inbox, readModels)),
      ...(await rebuild(this.database, this.store, ledgerModels)),
    ];
    return {
      readModels: results.map(({ events, rows, ...rest }) => ({
        ...rest,
        events: events.toString(),
        rows: rows.toString(),
      })),
    };
  }
}
