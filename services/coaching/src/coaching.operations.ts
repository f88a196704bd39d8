import {
  ListParkedMessages,
  ListParkedMessagesHandler,
  RedriveParkedMessages,
  RedriveParkedMessagesHandler,
} from '@oppi/intake';
import { AssignCoach, AssignCoachHandler } from './features/assign-coach/assign-coach.command';
import { UnassignCoach, UnassignCoachHandler } from './features/assign-coach/unassign-coach.command';
import { ListCheckIns, ListCheckInsHandler } from './features/check-in/list-check-ins.query';
import { RecordCheckIn, RecordCheckInHandler } from './features/check-in/record-check-in.command';
import { SkipCheckIn, SkipCheckInHandler } from './features/check-in/skip-check-in.command';
import { ChangeConcernOwner, ChangeConcernOwnerHandler } from './features/concern/change-concern-owner.command';
import { CloseConcern, CloseConcernHandler } from './features/concern/close-concern.command';
import { GetConcern, GetConcernHandler } from './features/concern/get-concern.query';
import { ListConcerns, ListConcernsHandler } from './features/concern/list-concerns.query';
import { RaiseConcern, RaiseConcernHandler } from './features/concern/raise-concern.command';
import { AnswerAge } from './features/learner-view/answer-age';
import { GetLearner, GetLearnerHandler } from './features/learner-view/get-learner.query';
import { GetCoachLoad, GetCoachLoadHandler } from './features/worklist/get-coach-load.query';
import { GetWorklist, GetWorklistHandler } from './features/worklist/get-worklist.query';

/** Everything coaching offers, over REST and gRPC alike. */
export const coachingOperations = [
  AssignCoach,
  UnassignCoach,
  RecordCheckIn,
  SkipCheckIn,
  RaiseConcern,
  ChangeConcernOwner,
  CloseConcern,
  GetLearner,
  ListCheckIns,
  GetConcern,
  ListConcerns,
  GetWorklist,
  GetCoachLoad,
  ListParkedMessages,
  RedriveParkedMessages,
];

export const coachingHandlers = [
  AnswerAge,
  AssignCoachHandler,
  UnassignCoachHandler,
  RecordCheckInHandler,
  SkipCheckInHandler,
  RaiseConcernHandler,
  ChangeConcernOwnerHandler,
  CloseConcernHandler,
  GetLearnerHandler,
  ListCheckInsHandler,
  GetConcernHandler,
  ListConcernsHandler,
  GetWorklistHandler,
  GetCoachLoadHandler,
  ListParkedMessagesHandler,
  RedriveParkedMessagesHandler,
];
