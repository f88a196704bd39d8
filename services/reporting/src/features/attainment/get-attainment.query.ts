import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { Operation, type OutputOf, query } from '@oppi/service';
import { z } from 'zod';
import { attainmentOf } from '../../domain/arithmetic';
import { FigureReader } from '../../figures/figure-reader';
import { attainment, basis, clocks, scope } from '../../figures/question';
import { READERS } from '../../figures/readers';

@Operation({
  rpc: 'GetAttainment',
  http: 'GET /organisations/:organisationId/attainment',
  allow: [...READERS, 'learner'],
  own: ['coach', 'learner'],
  summary:
    'Attainment of the organisation, a team with the teams below it, or a person: for a coach one in the own care.',
})
export class GetAttainment extends query(
  z.strictObject({ ...scope, ...clocks }),
  z.strictObject({ attainment, basis }),
) {}

@QueryHandler(GetAttainment)
export class GetAttainmentHandler implements IQueryHandler<GetAttainment> {
  constructor(private readonly reader: FigureReader) {}

  execute({ input, caller }: GetAttainment): Promise<OutputOf<typeof GetAttainment>> {
    return this.reader.read(input.organisationId, input, async (figures) => {
      await figures.requireOwn(caller, input);
      return { attainment: attainmentOf(await figures.outcomes(input)), basis: figures.basis };
    });
  }
}
