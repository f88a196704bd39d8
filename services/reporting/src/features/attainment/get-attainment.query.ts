import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { Operation, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';
import { attainmentOf } from '../../domain/arithmetic';
import { FigureReader } from '../../figures/figure-reader';
import { attainment, basis, clocks, scope } from '../../figures/question';
import { READERS, requireOwn } from '../../figures/readers';

@Operation({
  rpc: 'GetAttainment',
  http: 'GET /organisations/:organisationId/attainment',
  allow: [...READERS, 'learner'],
  summary: 'Attainment of the organisation, a team with the teams below it, or a person.',
})
export class GetAttainment extends query(
  z.strictObject({ ...scope, ...clocks }),
  z.strictObject({ attainment, basis }),
) {}

@QueryHandler(GetAttainment)
export class GetAttainmentHandler implements IQueryHandler<GetAttainment> {
  constructor(private readonly reader: FigureReader) {}

  execute({ input, caller }: GetAttainment): Promise<OutputOf<typeof GetAttainment>> {
    requireOwn(caller, input);
    return this.reader.read(input.organisationId, input, async (figures) => ({
      attainment: attainmentOf(await figures.outcomes(input)),
      basis: figures.basis,
    }));
  }
}
