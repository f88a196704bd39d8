import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { DomainError, localDateOf } from '@oppi/event-sourcing';
import { EventStore, streamOf, type Text } from '@oppi/event-store';
import {
  type Accepted,
  code,
  command,
  instant,
  localDate,
  Operation,
  organisationId,
  prose,
  text,
  uuid,
} from '@oppi/service';
import { z } from 'zod';
import { effectiveOn } from '../../domain/dating';
import { foundGap, gap, gapStream } from '../../domain/gap';
import { goal, goalStream } from '../../domain/goal';
import { linkPlace } from '../../domain/goal-activities';
import { proposeGoal } from '../../domain/goal-agreement';
import { organisation, organisationStream, registered } from '../../domain/organisation';
import { memberOf, person, personStream } from '../../domain/person';
import { defined, team, teamStream } from '../../domain/team';
import { isOwn } from '../../learners/own';

const distinct = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;
const differentIds = 'must have different ids';

const criterion = z.strictObject({ criterionId: text(64), evidenceKind: code.optional() }).meta({ id: 'Criterion' });
const activity = z
  .strictObject({
    activityId: text(64),
    kind: code,
    estimatedMinutes: z.int().min(1).max(60_000),
    link: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional(),
  })
  .meta({ id: 'Activity' });
const milestone = z
  .strictObject({
    milestoneId: text(64),
    dueOn: localDate.optional(),
    weightBasisPoints: z.int().min(0).max(1_000_000).optional(),
  })
  .meta({ id: 'Milestone' });

@Operation({
  rpc: 'ProposeGoal',
  http: 'PUT /organisations/:organisationId/goals/:goalId',
  allow: ['operations', 'coach', 'sponsor', 'manager', 'integration'],
  own: ['coach'],
  summary: 'Proposes a learning goal for a person, a team or the organisation; a coach for learners in the own care.',
})
export class ProposeGoal extends command(
  z.strictObject({
    organisationId,
    goalId: uuid,
    personId: uuid.optional(),
    teamId: uuid.optional(),
    gapId: uuid.optional(),
    statement: prose(2_000),
    dueOn: localDate,
    criteria: z
      .array(criterion)
      .min(1)
      .max(20)
      .refine((items) => distinct(items.map((item) => item.criterionId)), differentIds),
    milestones: z
      .array(milestone)
      .max(60)
      .refine((items) => distinct(items.map((item) => item.milestoneId)), differentIds)
      .default([]),
    activities: z
      .array(activity)
      .max(20)
      .refine((items) => distinct(items.map((item) => item.activityId)), differentIds)
      .default([]),
    occurredAt: instant.optional(),
    dateUnknown: z.boolean().default(false),
  }),
) {}

/** A goal's texts lie with its learner, so that they go when the learner is erased; else with the organisation. */
const textsOf = ({ organisationId, goalId, personId, statement, activities }: ProposeGoal['input']): Text[] => {
  const where = { vault: 'content', subject: personId ?? organisationId } as const;
  const links = activities.flatMap(({ activityId, link }) =>
    link === undefined ? [] : [{ ...where, place: linkPlace(goalId, activityId), text: link }],
  );
  return [{ ...where, place: `${goalStream(goalId)}/statement`, text: statement }, ...links];
};

@CommandHandler(ProposeGoal)
export class ProposeGoalHandler implements ICommandHandler<ProposeGoal> {
  constructor(private readonly store: EventStore) {}

  async execute({ input, context }: ProposeGoal): Promise<Accepted> {
    const { goalId, personId, teamId, gapId, dueOn, criteria, milestones, dateUnknown } = input;
    if (!(await isOwn(this.store, input, context.actor)))
      throw new DomainError('not-found', 'person-not-found', 'There is no such person.');
    const streams = {
      goal: streamOf(goal, goalStream(goalId)),
      organisation: streamOf(organisation, organisationStream(input.organisationId)),
      ...(personId && { person: streamOf(person, personStream(personId)) }),
      ...(teamId && { team: streamOf(team, teamStream(teamId)) }),
      ...(gapId && { gap: streamOf(gap, gapStream(gapId)) }),
    };
    return this.store.transact(
      context,
      streams,
      (states) => {
        const { timeZone, graceDays } = registered(states.organisation);
        if (states.team) defined(states.team);
        if (states.gap) foundGap(states.gap);
        if (states.person) memberOf(states.person, teamId);
        // A proposal has no effective day of its own; this only refuses an unknown one outside history.
        effectiveOn(context, timeZone, dateUnknown);
        const { imported } = context;
        const activities = input.activities.map(({ link: _link, ...activity }) => activity);
        const about = { goalId, personId, teamId, gapId, dueOn, timeZone, graceDays };
        const terms = { ...about, criteria, milestones, activities, imported };
        return { goal: proposeGoal(states.goal, terms, localDateOf(context.now, timeZone)) };
      },
      () => textsOf(input),
    );
  }
}
