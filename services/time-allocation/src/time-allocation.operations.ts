import { importOfHistory } from '@oppi/history-import';
import {
  ListParkedMessages,
  ListParkedMessagesHandler,
  RedriveParkedMessages,
  RedriveParkedMessagesHandler,
} from '@oppi/intake';
import { ConfirmTime, ConfirmTimeHandler } from './features/review-time/confirm-time.command';
import { CorrectTime, CorrectTimeHandler } from './features/log-time/correct-time.command';
import { CorrectTimePlan, CorrectTimePlanHandler } from './features/plan-time/correct-time-plan.command';
import { GetAllowance, GetAllowanceHandler } from './features/allowance/get-allowance.query';
import { GetFeasibility, GetFeasibilityHandler } from './features/feasibility/get-feasibility.query';
import { GetTimeAccount, GetTimeAccountHandler } from './features/time-account/get-time-account.query';
import { GetTimeLog, GetTimeLogHandler } from './features/time-log/get-time-log.query';
import { GetWorklist, GetWorklistHandler } from './features/time-shortfalls/get-worklist.query';
import { GrantTime, GrantTimeHandler } from './features/allowance/grant-time.command';
import { ListTimeShortfalls, ListTimeShortfallsHandler } from './features/time-shortfalls/list-time-shortfalls.query';
import { LogTime, LogTimeHandler } from './features/log-time/log-time.command';
import { PlanTime, PlanTimeHandler } from './features/plan-time/plan-time.command';
import { RejectTime, RejectTimeHandler } from './features/review-time/reject-time.command';

/** Commands that a bulk import may bring, by their field in `ImportItem`. */
const importable = { grantTime: GrantTime, planTime: PlanTime, logTime: LogTime };

export const history = importOfHistory({
  grpcService: 'time_allocation.v1.TimeAllocationService',
  protos: ['time_allocation/v1/time_allocation_service.proto'],
  operations: importable,
  // The time of a person in one month is an aggregate of its own.
  aggregateOf: ({ goalId, personId, on }) => `${personId ?? goalId ?? ''}/${on?.slice(0, 7) ?? ''}`,
  allow: ['operations', 'integration', 'manager'],
});

/** Everything time-allocation offers, over REST and gRPC alike. */
export const timeAllocationOperations = [
  CorrectTimePlan,
  CorrectTime,
  ConfirmTime,
  RejectTime,
  GetAllowance,
  GetFeasibility,
  GetTimeLog,
  GetTimeAccount,
  ListTimeShortfalls,
  GetWorklist,
  history.GetImport,
  ListParkedMessages,
  RedriveParkedMessages,
  ...Object.values(importable),
];

export const timeAllocationHandlers = [
  GrantTimeHandler,
  PlanTimeHandler,
  CorrectTimePlanHandler,
  LogTimeHandler,
  CorrectTimeHandler,
  ConfirmTimeHandler,
  RejectTimeHandler,
  GetAllowanceHandler,
  GetFeasibilityHandler,
  GetTimeLogHandler,
  GetTimeAccountHandler,
  ListTimeShortfallsHandler,
  GetWorklistHandler,
  ...history.handlers,
  ListParkedMessagesHandler,
  RedriveParkedMessagesHandler,
];
