import { accessSuite, type AccessStage, fuzzSuite } from '@oppi/service/testing';
import openApi from '../openapi.json';
import { goalOperations } from './goal.operations';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';

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

accessSuite('goal', about);
fuzzSuite('goal', about);
