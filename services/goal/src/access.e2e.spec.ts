import { randomUUID } from 'node:crypto';
import { accessSuite, type AccessStage, fuzzSuite, ownSuite, type Subjects, type Wire } from '@oppi/service/testing';
import openApi from '../openapi.json';
import { goalOperations } from './goal.operations';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';
import { aClient, inDays } from './client.fixtures';
import { AddPerson } from './features/add-person/add-person.command';
import { SubmitEvidence } from './features/submit-evidence/submit-evidence.command';
import { FindGap } from './features/vision/find-gap.command';

let stage: GoalStage;
const about = {
  operations: goalOperations,
  streams: ['Import'],
  openApi,
  open: async (): Promise<AccessStage> => {
    stage = await goalOnStage();
    return { service: stage.service, issuer: stage.issuer, database: stage.database.pool };
  },
  close: () => stage.leave(),
};

const subjects = async (wire: Wire): Promise<Subjects> => {
  const client = await aClient(stage, wire);
  const { organisationId, tokens } = client;
  const token = tokens.operations;
  const gapId = randomUUID();
  const gap = { organisationId, gapId, competence: 'cloud', targetLevel: 3, route: 'build' as const, core: true };
  await wire.call(FindGap, gap, { token });
  const activities = [{ activityId: 'read', kind: 'reading', estimatedMinutes: 90 }];
  const subjectOf = async (personId: string) => {
    const goalId = await client.agreed({ personId, teamId: undefined, gapId, activities, dueOn: inDays(9) });
    const evidenceId = randomUUID();
    await wire.call(SubmitEvidence, { organisationId, goalId, evidenceId, kind: 'test' }, { token });
    const commitmentId = await client.promised([goalId]);
    return { personId, goalId, evidenceId, commitmentId, activityId: 'read' };
  };
  const personId = randomUUID();
  await wire.call(AddPerson, { organisationId, personId, name: 'Another' }, { token });
  await stage.assignCoach(organisationId, client.personId, tokens.coachId);
  await stage.assignCoach(organisationId, personId, randomUUID());
  const [own, other] = [await subjectOf(client.personId), await subjectOf(personId)];
  return { organisationId, coachId: tokens.coachId, own, other };
};

accessSuite('goal', about);
fuzzSuite('goal', about);
ownSuite('goal', { ...about, subjects });
