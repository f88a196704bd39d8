import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { InboxLog } from '@oppi/messaging';
import { cursorOf, keyOf, Operation, type OutputOf, pageCursor, pageLimit, query, uuid } from '@oppi/service';
import { z } from 'zod';
import { attainmentOf, OUTCOMES } from '../../domain/arithmetic';
import { explainedEvent, explainGoal } from '../../explanation/explained-event';
import { type CountedGoal, FigureReader } from '../../figures/figure-reader';
import { attainment, basis, clocks, scope } from '../../figures/question';
import { READERS } from '../../figures/readers';
import { explanationText } from './explanation-text';

const outcome = z.enum(OUTCOMES);
const explained = z
  .strictObject({
    goalId: uuid,
    personId: uuid.optional(),
    teamId: uuid.optional(),
    outcome,
    events: z.array(explainedEvent),
  })
  .meta({ id: 'ExplainedGoal' });
export type ExplainedGoal = z.output<typeof explained>;

@Operation({
  rpc: 'ExplainAttainment',
  http: 'GET /organisations/:organisationId/attainment/explanation',
  allow: [...READERS, 'learner'],
  own: ['coach', 'learner'],
  summary:
    'Walks a figure back to its goals and their events, with who and when; for a coach the figure of goals in the own care.',
})
export class ExplainAttainment extends query(
  z.strictObject({ ...scope, ...clocks, outcome: outcome.optional(), limit: pageLimit, cursor: pageCursor.optional() }),
  z.strictObject({
    attainment,
    basis,
    goals: z.array(explained),
    nextCursor: z.string().optional(),
    text: z.string(),
  }),
) {}

@QueryHandler(ExplainAttainment)
export class ExplainAttainmentHandler implements IQueryHandler<ExplainAttainment> {
  constructor(
    private readonly reader: FigureReader,
    private readonly inbox: InboxLog,
  ) {}

  execute({ input, caller }: ExplainAttainment): Promise<OutputOf<typeof ExplainAttainment>> {
    const { organisationId, teamId, personId, on, knownAt, limit, cursor } = input;
    const coachId = caller.role === 'coach' ? caller.actorId : undefined;
    const question = [organisationId, teamId, personId, on, knownAt, input.outcome, coachId];
    const after = cursor === undefined ? null : keyOf(cursor, question);
    return this.reader.read(organisationId, input, async (figures) => {
      await figures.requireOwn(caller, input);
      const whose = { ...input, coachId };
      const figure = attainmentOf(await figures.outcomes(whose));
      const counted = await figures.goals(whose, input.outcome, after, limit + 1);
      const goals = await this.explain(organisationId, counted.slice(0, limit), knownAt);
      const last = goals.at(-1);
      const next = counted.length > limit && last ? { nextCursor: cursorOf(last.goalId, question) } : {};
      const { basis } = figures;
      return { attainment: figure, basis, goals, ...next, text: explanationText(figure, basis, goals) };
    });
  }

  private async explain(
    organisationId: string,
    goals: readonly CountedGoal[],
    knownAt: string | undefined,
  ): Promise<ExplainedGoal[]> {
    const subjects = goals.map((goal) => `goal-${goal.goalId}`);
    const facts = await this.inbox.readSubjects(organisationId, subjects, knownAt);
    return goals.map(({ goalId, personId, teamId, outcome }) => ({
      goalId,
      ...(personId && { personId }),
      ...(teamId && { teamId }),
      outcome,
      events: explainGoal(goalId, facts),
    }));
  }
}
