import { importOfHistory } from '@oppi/history-import';
import {
  ListParkedMessages,
  ListParkedMessagesHandler,
  RedriveParkedMessages,
  RedriveParkedMessagesHandler,
} from '@oppi/intake';
import { AcceptEvidence, AcceptEvidenceHandler } from './features/verify-evidence/accept-evidence.command';
import { AddPerson, AddPersonHandler } from './features/add-person/add-person.command';
import { AgreeCommitment, AgreeCommitmentHandler } from './features/commitment/agree-commitment.command';
import { AgreeGoal, AgreeGoalHandler } from './features/agree-goal/agree-goal.command';
import { CompleteActivity, CompleteActivityHandler } from './features/complete-activity/complete-activity.command';
import { DefineTeam, DefineTeamHandler } from './features/define-team/define-team.command';
import { ErasePerson, ErasePersonHandler } from './features/erase-person/erase-person.command';
import { FindGap, FindGapHandler } from './features/vision/find-gap.command';
import { GetCommitment, GetCommitmentHandler } from './features/commitment/get-commitment.query';
import { GetGoal, GetGoalHandler } from './features/goal-view/get-goal.query';
import { GetLineOfSight, GetLineOfSightHandler } from './features/vision/get-line-of-sight.query';
import { GetOrganisation, GetOrganisationHandler } from './features/register-organisation/get-organisation.query';
import { GetPerson, GetPersonHandler } from './features/person-view/get-person.query';
import { GetWorklist, GetWorklistHandler } from './features/worklist/get-worklist.query';
import { JoinTeam, JoinTeamHandler } from './features/membership/join-team.command';
import { LeaveTeam, LeaveTeamHandler } from './features/membership/leave-team.command';
import { ListGoals, ListGoalsHandler } from './features/goal-list/list-goals.query';
import { MissGoal, MissGoalHandler } from './features/miss-goal/miss-goal.command';
import { ProposeCommitment, ProposeCommitmentHandler } from './features/commitment/propose-commitment.command';
import { ProposeGoal, ProposeGoalHandler } from './features/propose-goal/propose-goal.command';
import { ReferEvidence, ReferEvidenceHandler } from './features/verify-evidence/refer-evidence.command';
import {
  RegisterOrganisation,
  RegisterOrganisationHandler,
} from './features/register-organisation/register-organisation.command';
import { RejectEvidence, RejectEvidenceHandler } from './features/verify-evidence/reject-evidence.command';
import { ReportProgress, ReportProgressHandler } from './features/report-progress/report-progress.command';
import { StateVision, StateVisionHandler } from './features/vision/state-vision.command';
import { SubmitEvidence, SubmitEvidenceHandler } from './features/submit-evidence/submit-evidence.command';
import { VoidEvidence, VoidEvidenceHandler } from './features/void-evidence/void-evidence.command';
import { WithdrawGoal, WithdrawGoalHandler } from './features/withdraw-goal/withdraw-goal.command';

/** Commands that a bulk import may bring, by their field in `ImportItem`. */
const importable = {
  defineTeam: DefineTeam,
  addPerson: AddPerson,
  joinTeam: JoinTeam,
  leaveTeam: LeaveTeam,
  proposeGoal: ProposeGoal,
  agreeGoal: AgreeGoal,
  reportProgress: ReportProgress,
  submitEvidence: SubmitEvidence,
  acceptEvidence: AcceptEvidence,
  referEvidence: ReferEvidence,
  rejectEvidence: RejectEvidence,
  voidEvidence: VoidEvidence,
  withdrawGoal: WithdrawGoal,
  missGoal: MissGoal,
  stateVision: StateVision,
  findGap: FindGap,
  completeActivity: CompleteActivity,
  proposeCommitment: ProposeCommitment,
  agreeCommitment: AgreeCommitment,
};

export const history = importOfHistory({
  grpcService: 'goal.v1.GoalService',
  protos: ['goal/v1/goal_service.proto'],
  operations: importable,
  // A team may be the parent of the next one, so teams run one after the other.
  aggregateOf: ({ commitmentId, goalId, gapId, personId }) => commitmentId ?? goalId ?? gapId ?? personId ?? 'teams',
  allow: ['operations', 'integration', 'sponsor', 'manager', 'verifier', 'coach'],
});

/** Everything goal offers, over REST and gRPC alike. */
export const goalOperations = [
  RegisterOrganisation,
  GetOrganisation,
  GetPerson,
  ErasePerson,
  GetGoal,
  ListGoals,
  GetCommitment,
  GetLineOfSight,
  GetWorklist,
  ListParkedMessages,
  RedriveParkedMessages,
  history.GetImport,
  ...Object.values(importable),
];

export const goalHandlers = [
  RegisterOrganisationHandler,
  GetOrganisationHandler,
  DefineTeamHandler,
  AddPersonHandler,
  GetPersonHandler,
  JoinTeamHandler,
  LeaveTeamHandler,
  ErasePersonHandler,
  ProposeGoalHandler,
  AgreeGoalHandler,
  ReportProgressHandler,
  SubmitEvidenceHandler,
  AcceptEvidenceHandler,
  ReferEvidenceHandler,
  RejectEvidenceHandler,
  VoidEvidenceHandler,
  WithdrawGoalHandler,
  MissGoalHandler,
  StateVisionHandler,
  FindGapHandler,
  CompleteActivityHandler,
  ProposeCommitmentHandler,
  AgreeCommitmentHandler,
  GetGoalHandler,
  ListGoalsHandler,
  GetCommitmentHandler,
  GetLineOfSightHandler,
  GetWorklistHandler,
  ListParkedMessagesHandler,
  RedriveParkedMessagesHandler,
  ...history.handlers,
];
