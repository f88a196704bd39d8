import { randomUUID } from 'node:crypto';
import { accessSuite, type AccessStage, fuzzSuite, ownSuite, type Subjects, type Wire } from '@oppi/service/testing';
import openApi from '../openapi.json';
import { coachingOperations } from './coaching.operations';
import { type CoachingStage, coachingOnStage, eventually, goalSays } from './coaching-stage.fixtures';
import { AssignCoach } from './features/assign-coach/assign-coach.command';
import { RecordCheckIn } from './features/check-in/record-check-in.command';
import { RaiseConcern } from './features/concern/raise-concern.command';

let stage: CoachingStage;
const about = {
  operations: coachingOperations,
  openApi,
  open: async (): Promise<AccessStage> => {
    stage = await coachingOnStage();
    return { service: stage.service, issuer: stage.issuer, database: stage.database.pool };
  },
  close: () => stage.leave(),
};

const subjects = async (wire: Wire): Promise<Subjects> => {
  const organisationId = randomUUID();
  const tokens = await stage.roles(organisationId);
  const token = tokens.operations;
  const subjectOf = async (coachId: string) => {
    const [personId, checkInId, concernId] = [randomUUID(), randomUUID(), randomUUID()];
    await stage.say(organisationId, goalSays.organisation(organisationId), goalSays.person(personId));
    await stage.heard();
    await wire.call(AssignCoach, { organisationId, personId, coachId }, { token });
    const said = { organisationId, personId, checkInId, direction: 5 };
    await wire.call(RecordCheckIn, said, { token: await tokens.learner(personId) });
    await wire.call(RaiseConcern, { organisationId, personId, concernId, kind: 'time' }, { token });
    return { personId, checkInId, concernId, direction: 5 };
  };
  const coachId = randomUUID();
  const [own, other] = [await subjectOf(coachId), await subjectOf(randomUUID())];
  await eventually(async () => {
    const { rowCount } = await stage.database.pool.query('select from concerns where organisation_id = $1', [
      organisationId,
    ]);
    expect(rowCount).toBe(2);
  });
  return { organisationId, coachId, own, other };
};

accessSuite('coaching', about);
fuzzSuite('coaching', about);
ownSuite('coaching', { ...about, subjects });
