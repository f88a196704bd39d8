import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { EventStore, streamOf } from '@oppi/event-store';
import { localDate, Operation, organisationId, type OutputOf, query, uuid, version } from '@oppi/service';
import { z } from 'zod';
import { concerns, concernsStream, openOnes } from '../../domain/concern';
import { coachOf, learner, learnerStream } from '../../domain/learner';
import { mayKnow } from '../../domain/reading';
import { Known } from '../../facts/known';
import { concernView, viewOf } from '../../read-models/concern-view';
import { AnswerAge } from './answer-age';

const assignment = z
  .strictObject({ coachId: uuid, fromOn: localDate, untilOn: localDate.optional() })
  .meta({ id: 'Assignment' });

@Operation({
  rpc: 'GetLearner',
  http: 'GET /organisations/:organisationId/learners/:personId',
  allow: ['operations', 'coach', 'learner'],
  own: ['coach', 'learner'],
  summary:
    "Reads a learner's coaching, without what was said: assignments, open concerns, and how old the answers are.",
})
export class GetLearner extends query(
  z.strictObject({ organisationId, personId: uuid }),
  z.strictObject({
    personId: uuid,
    coachId: uuid.optional(),
    assignments: z.array(assignment),
    openConcerns: z.array(concernView),
    checkIns: z.enum(['fresh', 'stale']),
    lastCheckInOn: localDate.optional(),
    version,
  }),
) {}

@QueryHandler(GetLearner)
export class GetLearnerHandler implements IQueryHandler<GetLearner> {
  constructor(
    private readonly store: EventStore,
    private readonly known: Known,
    private readonly answers: AnswerAge,
  ) {}

  async execute({ input, caller }: GetLearner): Promise<OutputOf<typeof GetLearner>> {
    const { organisationId, personId } = input;
    const { state, version } = await this.store.load(organisationId, streamOf(learner, learnerStream(personId)));
    mayKnow(state, personId, { id: caller.actorId, role: caller.role });
    const timeZone = await this.known.timeZoneFor(organisationId, { personId });
    const [raised, age] = await Promise.all([
      this.store.load(organisationId, streamOf(concerns, concernsStream(personId))),
      this.answers.of(organisationId, personId, timeZone),
    ]);
    const coachId = coachOf(state);
    return {
      personId,
      ...(coachId && { coachId }),
      assignments: state.assignments.map(({ no: _no, ...each }) => each),
      openConcerns: openOnes(raised.state).map(viewOf),
      ...age,
      version,
    };
  }
}
