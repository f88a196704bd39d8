import {
  ListParkedMessages,
  ListParkedMessagesHandler,
  RedriveParkedMessages,
  RedriveParkedMessagesHandler,
} from '@oppi/intake';
import { ExplainAttainment, ExplainAttainmentHandler } from './features/explain-attainment/explain-attainment.query';
import { GetAttainment, GetAttainmentHandler } from './features/attainment/get-attainment.query';
import {
  GetAttainmentReport,
  GetAttainmentReportHandler,
} from './features/attainment-report/get-attainment-report.query';
import { GetParticipation, GetParticipationHandler } from './features/participation/get-participation.query';
import {
  RebuildReadModels,
  RebuildReadModelsHandler,
} from './features/rebuild-read-models/rebuild-read-models.command';

/** Everything reporting offers, over REST and gRPC alike. */
export const reportingOperations = [
  GetAttainment,
  GetAttainmentReport,
  GetParticipation,
  ExplainAttainment,
  RebuildReadModels,
  ListParkedMessages,
  RedriveParkedMessages,
];

export const reportingHandlers = [
  GetAttainmentHandler,
  GetAttainmentReportHandler,
  GetParticipationHandler,
  ExplainAttainmentHandler,
  RebuildReadModelsHandler,
  ListParkedMessagesHandler,
  RedriveParkedMessagesHandler,
];
