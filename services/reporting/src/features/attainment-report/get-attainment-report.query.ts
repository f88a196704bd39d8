import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { Operation, type OutputOf, query, uuid } from '@oppi/service';
import { z } from 'zod';
import { attainmentOf, NO_OUTCOMES, NOBODY } from '../../domain/arithmetic';
import { inReadingOrder } from '../../domain/team-tree';
import { FigureReader } from '../../figures/figure-reader';
import { attainment, basis, clocks, participation, scope } from '../../figures/question';
import { READERS } from '../../figures/readers';
import { reportText } from './report-text';

const line = z
  .strictObject({
    teamId: uuid.optional(),
    parentTeamId: uuid.optional(),
    name: z.string(),
    depth: z.int().min(0),
    attainment,
    participation,
  })
  .meta({ id: 'AttainmentLine' });

@Operation({
  rpc: 'GetAttainmentReport',
  http: 'GET /organisations/:organisationId/attainment-report',
  allow: READERS,
  summary: 'Attainment and participation of every team with the teams below it, and of the organisation.',
})
export class GetAttainmentReport extends query(
  z.strictObject({ organisationId: scope.organisationId, ...clocks }),
  z.strictObject({ teams: z.array(line), organisation: line, basis, text: z.string() }),
) {}

@QueryHandler(GetAttainmentReport)
export class GetAttainmentReportHandler implements IQueryHandler<GetAttainmentReport> {
  constructor(private readonly reader: FigureReader) {}

  execute({ input }: GetAttainmentReport): Promise<OutputOf<typeof GetAttainmentReport>> {
    const { organisationId } = input;
    return this.reader.read(organisationId, input, async (figures) => {
      const outcomes = await figures.outcomesPerTeam();
      const members = await figures.participationPerTeam();
      const figuresOf = (teamId?: string) => ({
        attainment: attainmentOf(figures.sumOver({ organisationId, teamId }, outcomes, NO_OUTCOMES)),
        participation: figures.sumOver({ organisationId, teamId }, members, NOBODY),
      });
      const teams = inReadingOrder(figures.teams).map(({ teamId, parentTeamId, name, depth }) => ({
        teamId,
        ...(parentTeamId && { parentTeamId }),
        name,
        depth,
        ...figuresOf(teamId),
      }));
      const organisation = { name: 'organisation', depth: 0, ...figuresOf() };
      return { teams, organisation, basis: figures.basis, text: reportText(teams, organisation, figures.basis) };
    });
  }
}
