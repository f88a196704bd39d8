import { randomUUID } from 'node:crypto';
import { accessSuite, type AccessStage, fuzzSuite, ownSuite, type Subjects } from '@oppi/service/testing';
import openApi from '../openapi.json';
import { reportingOperations } from './reporting.operations';
import { says } from './goal-and-coaching-say.fixtures';
import { aClient, type ReportingStage, reportingOnStage } from './reporting-stage.fixtures';

let stage: ReportingStage;
const about = {
  operations: reportingOperations,
  openApi,
  open: async (): Promise<AccessStage> => {
    stage = await reportingOnStage();
    return { service: stage.service(), issuer: stage.issuer, database: stage.database.pool };
  },
  close: () => stage.leave(),
};

const subjects = async (): Promise<Subjects> => {
  const { organisationId, personId, goalIds, tokens, say } = await aClient(stage, 1);
  const { coachId } = tokens;
  const other = { personId: randomUUID(), goalId: randomUUID() };
  await say(
    says.goal(other.goalId, other.personId),
    says.coach(personId, coachId, '2026-01-01'),
    says.coach(other.personId, randomUUID(), '2026-01-01'),
  );
  await stage.settled();
  return { organisationId, coachId, own: { personId, goalId: goalIds[0] }, other };
};

accessSuite('reporting', about);
fuzzSuite('reporting', about);
ownSuite('reporting', { ...about, subjects });
