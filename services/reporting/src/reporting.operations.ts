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
import { ListCommitments, ListCommitmentsHandler } from './features/commitments/list-commitments.query';
import { ListCharges, ListChargesHandler } from './features/charges/list-charges.query';
import { ListStatements, ListStatementsHandler } from './features/statements/list-statements.query';
import { GetStatement, GetStatementHandler } from './features/statements/get-statement.query';
import { GetStatementDocument, GetStatementDocumentHandler } from './features/statements/get-statement-document.query';
import { IssueStatement, IssueStatementHandler } from './features/issue-statement/issue-statement.command';
import { ReleaseCharge, ReleaseChargeHandler } from './features/release-charge/release-charge.command';
import { ExplainLine, ExplainLineHandler } from './features/explain-charges/explain-line.query';
import { ExplainStatement, ExplainStatementHandler } from './features/explain-charges/explain-statement.query';
import { GetWorklist, GetWorklistHandler } from './features/worklist/get-worklist.query';

/** Everything reporting offers, over REST and gRPC alike. */
export const reportingOperations = [
  GetAttainment,
  GetAttainmentReport,
  GetParticipation,
  ExplainAttainment,
  ListCommitments,
  ListCharges,
  ListStatements,
  GetStatement,
  GetStatementDocument,
  IssueStatement,
  ReleaseCharge,
  ExplainLine,
  ExplainStatement,
  GetWorklist,
  RebuildReadModels,
  ListParkedMessages,
  RedriveParkedMessages,
];

export const reportingHandlers = [
  GetAttainmentHandler,
  GetAttainmentReportHandler,
  GetParticipationHandler,
  ExplainAttainmentHandler,
  ListCommitmentsHandler,
  ListChargesHandler,
  ListStatementsHandler,
  GetStatementHandler,
  GetStatementDocumentHandler,
  IssueStatementHandler,
  ReleaseChargeHandler,
  ExplainLineHandler,
  ExplainStatementHandler,
  GetWorklistHandler,
  RebuildReadModelsHandler,
  ListParkedMessagesHandler,
  RedriveParkedMessagesHandler,
];
