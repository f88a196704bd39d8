import { accessSuite, type AccessStage, fuzzSuite } from '@oppi/service/testing';
import openApi from '../openapi.json';
import { timeAllocationOperations } from './time-allocation.operations';
import { type TimeAllocationStage, timeAllocationOnStage } from './time-allocation-stage.fixtures';

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

accessSuite('time-allocation', about);
fuzzSuite('time-allocation', about);
