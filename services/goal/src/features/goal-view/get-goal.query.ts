import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DomainError } from '@oppi/event-sourcing';
import { EventStore, streamOf, Vault } from '@oppi/event-store';
import { localDate, Operation, organisationId, type OutputOf, query, readerOf, uuid, version } from '@oppi/service';
import { z } from 'zod';
import { type Remark, remarkPlace } from '../../domain/comment';
import { linkPlace } from '../../domain/goal-activities';
import { type Evidence, goal, goalStream, type SetGoal } from '../../domain/goal';
import { isOwn } from '../../learners/own';
import { goalStatus } from '../../read-models/goal-summary';

const criterionState = z
  .strictObject({ criterionId: z.string(), evidenceKind: z.string().optional(), metBy: z.array(uuid) })
  .meta({ id: 'CriterionState' });
const milestone = z
  .strictObject({ milestoneId: z.string(), dueOn: localDate.optional(), weightBasisPoints: z.int().optional() })
  .meta({ id: 'GoalMilestone' });
const activityState = z
  .strictObject({
    activityId: z.string(),
    kind: z.string(),
    estimatedMinutes: z.int(),
    link: z.string().optional(),
    doneOn: localDate.optional(),
  })
  .meta({ id: 'ActivityState' });
const feasibility = z
  .strictObject({
    status: z.enum(['feasible', 'short', 'no-policy', 'unknown', 'not-asked']),
    neededMinutes: z.int(),
    givenMinutes: z.int().optional(),
    promisedMinutes: z.int().optional(),
    rule: z.string().optional(),
  })
  .meta({ id: 'GoalFeasibility' });
const evidenceState = z
  .strictObject({
    evidenceId: uuid,
    kind: z.string(),
    status: z.enum(['submitted', 'referred', 'accepted', 'rejected', 'voided']),
    occurredAt: z.iso.datetime(),
    recordedAt: z.iso.datetime(),
    submittedBy: uuid,
    verifiedBy: uuid.optional(),
    comment: z.string().optional(),
  })
  .meta({ id: 'EvidenceState' });

@Operation({
  rpc: 'GetGoal',
  http: 'GET /organisations/:organisationId/goals/:goalId',
  allow: ['operations', 'coach', 'verifier', 'billing', 'sponsor', 'manager', 'learner', 'integration'],
  own: ['coach', 'learner'],
  summary:
    'Reads a goal with its evidence and outcome: a learner the own, a coach those in the own care. Billing reads no texts.',
})
export class GetGoal extends query(
  z.strictObject({ organisationId, goalId: uuid }),
  z.strictObject({
    goalId: uuid,
    status: goalStatus,
    version,
    personId: uuid.optional(),
    teamId: uuid.optional(),
    statement: z.string().optional(),
    dueOn: localDate,
    agreedOn: localDate.optional(),
    outcomeOn: localDate.optional(),
    criteria: z.array(criterionState),
    milestones: z.array(milestone),
    evidence: z.array(evidenceState),
    progressReports: z.int(),
    activities: z.array(activityState),
    feasibility: feasibility.optional(),
    gapId: uuid.optional(),
    commitmentId: uuid.optional(),
  }),
) {}

@QueryHandler(GetGoal)
export class GetGoalHandler implements IQueryHandler<GetGoal> {
  constructor(
    private readonly store: EventStore,
    private readonly vault: Vault,
  ) {}

  async execute({ input, caller }: GetGoal): Promise<OutputOf<typeof GetGoal>> {
    const { organisationId, goalId } = input;
    const { state, version } = await this.store.load(organisationId, streamOf(goal, goalStream(goalId)));
    const asker = { id: caller.actorId, role: caller.role };
    if (
      state.status === 'unset' ||
      !(await isOwn(this.store, { organisationId, personId: state.terms.personId }, asker))
    )
      throw new DomainError('not-found', 'goal-not-found', 'There is no such goal.');
    const subject = state.terms.personId ?? organisationId;
    const readsTexts = caller.role !== 'billing';
    const reader = readerOf(GetGoal, caller);
    const texts = readsTexts
      ? await this.vault.read({ organisationId, vault: 'content', subject, below: [goalStream(goalId)], reader })
      : new Map<string, string>();
    return { ...viewOf(state, texts), version };
  }
}

type View = Omit<OutputOf<typeof GetGoal>, 'version'>;

const viewOf = (state: SetGoal, texts: ReadonlyMap<string, string>): View => {
  const { goalId, personId, teamId, gapId, dueOn, criteria, milestones } = state.terms;
  const statement = texts.get(`${goalStream(goalId)}/statement`);
  return {
    goalId,
    status: state.status,
    ...(personId && { personId }),
    ...(teamId && { teamId }),
    ...(statement !== undefined && { statement }),
    dueOn,
    ...(state.agreedOn && { agreedOn: state.agreedOn }),
    ...(state.outcomeOn && { outcomeOn: state.outcomeOn }),
    criteria: criteria.map((criterion) => ({
      ...criterion,
      metBy: state.evidence
        .filter((item) => item.criterionIds.includes(criterion.criterionId))
        .map((item) => item.evidenceId),
    })),
    milestones: [...milestones],
    evidence: state.evidence.map((item) => evidenceView(goalId, item, texts)),
    progressReports: state.progressReports,
    activities: state.activities.map((activity) => activityView(goalId, activity, texts)),
    ...(state.feasibility && { feasibility: state.feasibility }),
    ...(gapId && { gapId }),
    ...(state.commitmentId && { commitmentId: state.commitmentId }),
  };
};

const activityView = (
  goalId: string,
  activity: SetGoal['activities'][number],
  texts: ReadonlyMap<string, string>,
): View['activities'][number] => {
  const link = texts.get(linkPlace(goalId, activity.activityId));
  return { ...activity, ...(link !== undefined && { link }) };
};

const evidenceView = (goalId: string, item: Evidence, texts: ReadonlyMap<string, string>): View['evidence'][number] => {
  const { evidenceId, kind, status, occurredAt, recordedAt, submittedBy, verifiedBy } = item;
  const steps: readonly Remark[] = ['voided', 'rejected', 'referred'];
  const comment = steps
    .map((step) => texts.get(remarkPlace(goalId, step, evidenceId)))
    .find((text) => text !== undefined);
  return {
    evidenceId,
    kind,
    status,
    occurredAt,
    recordedAt,
    submittedBy,
    ...(verifiedBy && { verifiedBy }),
    ...(comment !== undefined && { comment }),
  };
};
