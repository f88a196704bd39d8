import { randomUUID } from 'node:crypto';
import { accessSuite, type AccessStage, fuzzSuite, ownSuite, type Subjects, type Wire } from '@oppi/service/testing';
import openApi from '../openapi.json';
import { timeAllocationOperations } from './time-allocation.operations';
import { eventually, inDays, type TimeAllocationStage, timeAllocationOnStage } from './time-allocation-stage.fixtures';
import { LogTime } from './features/log-time/log-time.command';
import { PlanTime } from './features/plan-time/plan-time.command';

let stage: TimeAllocationStage;
const about = {
  operations: timeAllocationOperations,
  streams: ['Import'],
  openApi,
  open: async (): Promise<AccessStage> => {
    stage = await timeAllocationOnStage();
    return { service: stage.service, issuer: stage.issuer, database: stage.database.pool };
  },
  close: () => stage.leave(),
};

const subjects = async (wire: Wire): Promise<Subjects> => {
  const organisationId = randomUUID();
  const { operations: token, coachId } = await stage.roles(organisationId);
  await stage.goal.publish(stage.goal.organisation(organisationId));
  const subjectOf = async (coach: string) => {
    const [goalId, entryId] = [randomUUID(), randomUUID()];
    const personId = await stage.learnerWith(organisationId, [{ goalId }]);
    await stage.assignCoach(organisationId, personId, coach);
    const on = inDays(0);
    await wire.call(LogTime, { organisationId, personId, on, entryId, goalId, minutes: 5 }, { token });
    await wire.call(PlanTime, { organisationId, goalId, neededMinutes: 60 }, { token });
    return { personId, goalId, entryId, on, month: on.slice(0, 7) };
  };
  const [own, other] = [await subjectOf(coachId), await subjectOf(randomUUID())];
  await eventually(async () => {
    const { rowCount } = await stage.database.pool.query('select from time_shortfalls where organisation_id = $1', [
      organisationId,
    ]);
    expect(rowCount).toBe(2);
  });
  return { organisationId, coachId, own, other };
};

accessSuite('time-allocation', about);
fuzzSuite('time-allocation', about);
ownSuite('time-allocation', { ...about, subjects });
