import { accessSuite, type AccessStage, fuzzSuite } from '@oppi/service/testing';
import openApi from '../openapi.json';
import { reportingOperations } from './reporting.operations';
import { type ReportingStage, reportingOnStage } from './reporting-stage.fixtures';

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

accessSuite('reporting', about);
fuzzSuite('reporting', about);
