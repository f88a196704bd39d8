import * as published from '@oppi/contracts/goal/v1/goal_events';
import type { Recorded } from '@oppi/event-sourcing';
import type { Publication } from '@oppi/messaging';
import type { CommitmentEvent } from '../../domain/commitment';
import type { GapEvent } from '../../domain/gap';
import type { GoalEvent } from '../../domain/goal.events';
import type { OrganisationEvent } from '../../domain/organisation';
import type { PersonEvent } from '../../domain/person';
import type { TeamEvent } from '../../domain/team';
import type { VisionEvent } from '../../domain/vision';

type StoredEvent = OrganisationEvent | TeamEvent | PersonEvent | VisionEvent | GapEvent | GoalEvent | CommitmentEvent;
type DataOf<T extends StoredEvent['type']> = Extract<StoredEvent, { type: T }>['data'];
type Translations = { readonly [T in StoredEvent['type']]: ((data: DataOf<T>) => Uint8Array) | 'private' };

/**
 * What the world hears of each stored event; a new one does not compile before it is decided here. Fields are named one by
 * one: what is stored later is not published by accident. Who submitted and who verified stays in the envelope.
 */
const translations: Translations = {
  OrganisationRegistered: ({ organisationId, timeZone, currency }) =>
    published.OrganisationRegistered.encode({ organisationId, timeZone, currency }).finish(),
  TeamDefined: ({ teamId, name, parentTeamId }) =>
    published.TeamDefined.encode({ teamId, name, parentTeamId }).finish(),
  PersonAdded: ({ personId }) => published.PersonAdded.encode({ personId }).finish(),
  PersonJoinedTeam: ({ personId, teamId, membershipNo, effectiveOn }) =>
    published.PersonJoinedTeam.encode({ personId, teamId, membershipNo, effectiveOn }).finish(),
  PersonLeftTeam: ({ personId, teamId, membershipNo, effectiveOn }) =>
    published.PersonLeftTeam.encode({ personId, teamId, membershipNo, effectiveOn }).finish(),
  LearnersCoachAssigned: 'private',
  LearnersCoachUnassigned: 'private',
  PersonErasureRequested: 'private',
  PersonErased: ({ personId }) => published.PersonErased.encode({ personId }).finish(),
  VisionStated: ({ visionNo, effectiveOn }) => published.VisionStated.encode({ visionNo, effectiveOn }).finish(),
  GapFound: ({ gapId, competence, teamId, currentLevel, targetLevel, route, core }) =>
    published.GapFound.encode({ gapId, competence, teamId, currentLevel, targetLevel, route, core }).finish(),
  GoalProposed: ({ goalId, personId, teamId, dueOn, imported, gapId }) =>
    published.GoalProposed.encode({ goalId, personId, teamId, dueOn, imported, gapId }).finish(),
  GoalAgreementGiven: ({ goalId, party }) => published.GoalAgreementGiven.encode({ goalId, party }).finish(),
  GoalAgreed: ({ goalId, effectiveOn, feasibility }) =>
    published.GoalAgreed.encode({
      goalId,
      effectiveOn,
      neededMinutes: feasibility?.neededMinutes || undefined,
      feasibility: feasibility?.status,
    }).finish(),
  ActivityDone: ({ goalId, activityId, effectiveOn }) =>
    published.ActivityDone.encode({ goalId, activityId, effectiveOn }).finish(),
  ProgressReported: ({ goalId, milestoneId, percent, carriedOver, effectiveOn }) =>
    published.ProgressReported.encode({ goalId, milestoneId, percent, carriedOver, effectiveOn }).finish(),
  EvidenceSubmitted: ({ goalId, evidenceId, kind, effectiveOn }) =>
    published.EvidenceSubmitted.encode({ goalId, evidenceId, kind, effectiveOn }).finish(),
  EvidenceAccepted: ({ goalId, evidenceId, criterionIds }) =>
    published.EvidenceAccepted.encode({ goalId, evidenceId, criterionIds: [...criterionIds] }).finish(),
  EvidenceReferred: ({ goalId, evidenceId, respondBy }) =>
    published.EvidenceReferred.encode({ goalId, evidenceId, respondBy }).finish(),
  EvidenceRejected: ({ goalId, evidenceId }) => published.EvidenceRejected.encode({ goalId, evidenceId }).finish(),
  EvidenceVoided: ({ goalId, evidenceId, reasonCode, groundOn }) =>
    published.EvidenceVoided.encode({ goalId, evidenceId, reasonCode, groundOn }).finish(),
  GoalAttained: ({ goalId, outcomeNo, evidenceIds, effectiveOn }) =>
    published.GoalAttained.encode({ goalId, outcomeNo, evidenceIds: [...evidenceIds], effectiveOn }).finish(),
  AttainmentRevoked: ({ goalId, outcomeNo, evidenceId, groundOn }) =>
    published.AttainmentRevoked.encode({ goalId, outcomeNo, evidenceId, groundOn }).finish(),
  GoalWithdrawn: ({ goalId, outcomeNo, reasonCode, effectiveOn }) =>
    published.GoalWithdrawn.encode({ goalId, outcomeNo, reasonCode, effectiveOn }).finish(),
  GoalFellOverdue: ({ goalId, outcomeNo, effectiveOn }) =>
    published.GoalFellOverdue.encode({ goalId, outcomeNo, effectiveOn }).finish(),
  GoalMissed: ({ goalId, outcomeNo, decidedBy, effectiveOn }) =>
    published.GoalMissed.encode({ goalId, outcomeNo, decidedBy, effectiveOn }).finish(),
  GoalPromised: 'private',
  CommitmentProposed: ({ commitmentId }) => published.CommitmentProposed.encode({ commitmentId }).finish(),
  CommitmentAgreementGiven: ({ commitmentId, party }) =>
    published.CommitmentAgreementGiven.encode({ commitmentId, party }).finish(),
  CommitmentAgreed: ({ commitmentId, name, goalIds, threshold, dueOn, ...money }) => {
    const { priceMinor, currency, vatRateBasisPoints, effectiveOn } = money;
    return published.CommitmentAgreed.encode({
      commitmentId,
      name,
      goalIds: [...goalIds],
      threshold,
      dueOn,
      priceMinor: String(priceMinor),
      currency,
      vatRateBasisPoints,
      effectiveOn,
    }).finish();
  },
};

/** The published form of a stored event; nothing for a private one. Pure: the same event gives the same bytes for ever. */
export const publicationsOf = (event: Recorded): Publication[] => {
  const translate = translations[event.type as StoredEvent['type']] as ((data: object) => Uint8Array) | 'private';
  return translate === 'private' ? [] : [{ type: `goal.v1.${event.type}`, value: translate(event.data) }];
};
