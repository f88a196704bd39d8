import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { Operation, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';
import { FigureReader } from '../../figures/figure-reader';
import { basis, clocks, participation, scope } from '../../figures/question';
import { READERS } from '../../figures/readers';

@Operation({
  rpc: 'GetParticipation',
  http: 'GET /organisations/:organisationId/participation',
  allow: READERS,
  summary: 'Participation: who registered, who left, who is in; apart from any outcome.',
})
export class GetParticipation extends query(
  z.strictObject({ organisationId: scope.organisationId, teamId: scope.teamId, ...clocks }),
  z.strictObject({ participation, basis }),
) {}

@QueryHandler(GetParticipation)
export class GetParticipationHandler implements IQueryHandler<GetParticipation> {
  constructor(private readonly reader: FigureReader) {}

  execute({ input }: GetParticipation): Promise<OutputOf<typeof GetParticipation>> {
    return this.reader.read(input.organisationId, input, async (figures) => ({
      participation: await figures.participation(input),
      basis: figures.basis,
    }));
  }
}
