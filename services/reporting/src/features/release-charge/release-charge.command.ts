import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { DomainError } from '@oppi/event-sourcing';
import { EventStore } from '@oppi/event-store';
import { type Accepted, code, command, Operation, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';
import { chargesOn } from '../../billing/decisions';
import { releaseCharge } from '../../domain/charges';
import { LedgerReader } from '../../ledger/ledger-reader';
import { BILLERS } from '../../ledger/roles';

@Operation({
  rpc: 'ReleaseCharge',
  http: 'POST /organisations/:organisationId/charges/:lineId/release',
  allow: BILLERS,
  summary: 'Lifts the data lock of a charge; it is then billed in the open month.',
})
export class ReleaseCharge extends command(z.strictObject({ organisationId, lineId: uuid, reasonCode: code })) {}

@CommandHandler(ReleaseCharge)
export class ReleaseChargeHandler implements ICommandHandler<ReleaseCharge> {
  constructor(
    private readonly store: EventStore,
    private readonly reader: LedgerReader,
  ) {}

  /** The list only says where the line's stream is; what may be released is decided there. */
  async execute({ input, context }: ReleaseCharge): Promise<Accepted> {
    const { organisationId, lineId, reasonCode } = input;
    const [line] = await this.reader.read(organisationId, (ledger) => ledger.select('and line_id = $2', [lineId]));
    if (!line) throw new DomainError('not-found', 'line-not-found', 'There is no such line, or not yet.');
    return this.store.transact(context, chargesOn(line), (states) => ({
      charges: releaseCharge(states.charges, states.books, lineId, reasonCode),
    }));
  }
}
