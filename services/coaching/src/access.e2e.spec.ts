import { accessSuite, type AccessStage, fuzzSuite } from '@oppi/service/testing';
import openApi from '../openapi.json';
import { coachingOperations } from './coaching.operations';
import { type CoachingStage, coachingOnStage } from './coaching-stage.fixtures';

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

accessSuite('coaching', about);
fuzzSuite('coaching', about);
