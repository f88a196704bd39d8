import type { ServiceName } from '../local/layout';
import type { Role } from '../local/roles';

/** How the load calls an operation, and what an accepted command must leave behind. */
export type OperationUse = Readonly<{
  service: ServiceName;
  http: string;
  role: Role;
  /** The events that this command's key must be found on; absent on reads. */
  leaves?: readonly string[];
}>;

const ORGANISATION = '/organisations/:organisationId';
const GOAL = `${ORGANISATION}/goals/:goalId`;
const EVIDENCE = `${GOAL}/evidence/:evidenceId`;
const LEARNER = `${ORGANISATION}/learners/:personId`;
const COMMITMENT = `${ORGANISATION}/commitments/:commitmentId`;
const PERSON = `${ORGANISATION}/persons/:personId`;

/** Every operation that the load uses. */
export const OPERATIONS = {
  RegisterOrganisation: {
    service: 'goal',
    http: `PUT ${ORGANISATION}`,
    role: 'operations',
    leaves: ['OrganisationRegistered'],
  },
  DefineTeam: { service: 'goal', http: `PUT ${ORGANISATION}/teams/:teamId`, role: 'manager', leaves: ['TeamDefined'] },
  AddPerson: { service: 'goal', http: `PUT ${PERSON}`, role: 'manager', leaves: ['PersonAdded'] },
  JoinTeam: { service: 'goal', http: `POST ${PERSON}/join-team`, role: 'manager', leaves: ['PersonJoinedTeam'] },
  ProposeGoal: { service: 'goal', http: `PUT ${GOAL}`, role: 'manager', leaves: ['GoalProposed'] },
  AgreeGoal: { service: 'goal', http: `POST ${GOAL}/agree`, role: 'operations', leaves: ['GoalAgreementGiven'] },
  ReportProgress: { service: 'goal', http: `POST ${GOAL}/progress`, role: 'coach', leaves: ['ProgressReported'] },
  SubmitEvidence: { service: 'goal', http: `PUT ${EVIDENCE}`, role: 'integration', leaves: ['EvidenceSubmitted'] },
  AcceptEvidence: { service: 'goal', http: `POST ${EVIDENCE}/accept`, role: 'verifier', leaves: ['EvidenceAccepted'] },
  RejectEvidence: { service: 'goal', http: `POST ${EVIDENCE}/reject`, role: 'verifier', leaves: ['EvidenceRejected'] },
  VoidEvidence: { service: 'goal', http: `POST ${EVIDENCE}/void`, role: 'operations', leaves: ['EvidenceVoided'] },
  WithdrawGoal: { service: 'goal', http: `POST ${GOAL}/withdraw`, role: 'sponsor', leaves: ['GoalWithdrawn'] },
  CompleteActivity: {
    service: 'goal',
    http: `POST ${GOAL}/activities/:activityId/complete`,
    role: 'coach',
    leaves: ['ActivityDone'],
  },
  ProposeCommitment: { service: 'goal', http: `PUT ${COMMITMENT}`, role: 'operations', leaves: ['CommitmentProposed'] },
  AgreeCommitment: {
    service: 'goal',
    http: `POST ${COMMITMENT}/agree`,
    role: 'operations',
    leaves: ['CommitmentAgreementGiven'],
  },
  GrantTime: { service: 'time-allocation', http: `POST ${PERSON}/grants`, role: 'manager', leaves: ['TimeGranted'] },
  LogTime: {
    service: 'time-allocation',
    http: `PUT ${PERSON}/time/:on/:entryId`,
    role: 'manager',
    leaves: ['TimeLogged'],
  },
  AssignCoach: { service: 'coaching', http: `PUT ${LEARNER}/coach`, role: 'operations', leaves: ['CoachAssigned'] },
  RecordCheckIn: {
    service: 'coaching',
    http: `PUT ${LEARNER}/check-ins/:checkInId`,
    role: 'coach',
    leaves: ['CheckInRecorded'],
  },
  GetPerson: { service: 'goal', http: `GET ${PERSON}`, role: 'manager' },
  GetGoal: { service: 'goal', http: `GET ${GOAL}`, role: 'manager' },
  ListGoals: { service: 'goal', http: `GET ${ORGANISATION}/goals`, role: 'manager' },
  GetAttainment: { service: 'reporting', http: `GET ${ORGANISATION}/attainment`, role: 'manager' },
  GetAttainmentReport: { service: 'reporting', http: `GET ${ORGANISATION}/attainment-report`, role: 'operations' },
} as const satisfies Record<string, OperationUse>;

export type OperationName = keyof typeof OPERATIONS;

/** A change of its input that makes a command another one. */
export const OTHERWISE: Readonly<Partial<Record<OperationName, Readonly<Record<string, unknown>>>>> = {
  RegisterOrganisation: { currency: 'SEK' },
  DefineTeam: { name: 'Another team' },
  AddPerson: { email: 'another@example.org' },
  ProposeGoal: { dueOn: '2099-12-31' },
  AgreeGoal: { dateUnknown: true },
  ReportProgress: { percent: 100 },
  SubmitEvidence: { kind: 'another' },
  AcceptEvidence: { criterionIds: [] },
  RejectEvidence: { comment: 'Another comment' },
  VoidEvidence: { reasonCode: 'another' },
  WithdrawGoal: { reasonCode: 'another' },
  ProposeCommitment: { name: 'Another promise' },
  GrantTime: { minutesPerWeek: 1 },
  LogTime: { minutes: 1 },
  RecordCheckIn: { text: 'Another text' },
};

export const useOf = (name: string): OperationUse | undefined =>
  Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name as OperationName] : undefined;
