import { randomUUID } from 'node:crypto';
import * as coaching from '@oppi/contracts/coaching/v1/coaching_events';
import * as goal from '@oppi/contracts/goal/v1/goal_events';
import type { Message } from '@oppi/messaging';

/** A fact to be published: of which service, on what, when it was recorded and by whom. */
export type Said = Readonly<{
  service: 'goal' | 'coaching';
  type: string;
  value: Uint8Array;
  subject: string;
  at?: string;
  by?: string;
  eventId?: string;
  position?: number;
}>;

let positions = 0;

/** A message as the relay of that service would publish it. */
export const message = (organisationId: string, said: Said): Message => {
  positions += 1;
  const at = new Date(said.at ?? '2026-02-01T10:00:00Z').toISOString();
  return {
    key: organisationId,
    value: said.value,
    headers: {
      ce_specversion: '1.0',
      ce_id: said.eventId ?? randomUUID(),
      ce_source: `/${said.service}`,
      ce_type: `${said.service}.v1.${said.type}`,
      ce_time: at,
      ce_recordedtime: at,
      ce_subject: said.subject,
      ce_partitionkey: organisationId,
      ce_organisationid: organisationId,
      ce_position: String(said.position ?? positions),
      ce_index: '0',
      ce_streamversion: '1',
      ce_actorid: said.by ?? randomUUID(),
      ce_actorrole: 'operations',
      ce_correlationid: randomUUID(),
      'content-type': 'application/protobuf',
    },
  };
};

type When = { at?: string; by?: string };
type Encoded = { finish(): Uint8Array };
const onGoal = (goalId: string, type: string, encoded: Encoded, when: When = {}): Said => ({
  service: 'goal',
  type,
  value: encoded.finish(),
  subject: `goal-${goalId}`,
  ...when,
});

export const PRICE = 4990;

/** What goal and coaching say, fact by fact. */
export const says = {
  organisation: (organisationId: string, timeZone = 'Europe/Helsinki'): Said => ({
    service: 'goal',
    type: 'OrganisationRegistered',
    value: goal.OrganisationRegistered.encode({ organisationId, timeZone, currency: 'EUR' }).finish(),
    subject: 'organisation',
  }),
  goal: (goalId: string, personId: string | undefined): Said[] => {
    const about = { goalId, personId, teamId: undefined, dueOn: '2026-12-31', imported: false };
    return [
      onGoal(goalId, 'GoalProposed', goal.GoalProposed.encode(goal.GoalProposed.fromPartial(about))),
      onGoal(
        goalId,
        'GoalAgreed',
        goal.GoalAgreed.encode(goal.GoalAgreed.fromPartial({ goalId, effectiveOn: '2026-01-15' })),
      ),
    ];
  },
  commitment: (commitmentId: string, goalIds: string[], more: Partial<goal.CommitmentAgreed> = {}): Said => ({
    service: 'goal',
    type: 'CommitmentAgreed',
    value: goal.CommitmentAgreed.encode({
      commitmentId,
      name: 'Claims speak Finnish',
      goalIds,
      threshold: goalIds.length,
      dueOn: '2026-09-30',
      priceMinor: String(PRICE),
      currency: 'EUR',
      vatRateBasisPoints: 2550,
      effectiveOn: '2026-01-20',
      ...more,
    }).finish(),
    subject: `commitment-${commitmentId}`,
  }),
  evidence: (goalId: string, evidenceId: string, effectiveOn: string, verifier: When = {}): Said[] => [
    onGoal(
      goalId,
      'EvidenceSubmitted',
      goal.EvidenceSubmitted.encode({ goalId, evidenceId, kind: 'test', effectiveOn }),
    ),
    onGoal(
      goalId,
      'EvidenceAccepted',
      goal.EvidenceAccepted.encode({ goalId, evidenceId, criterionIds: ['pass'] }),
      verifier,
    ),
  ],
  attained: (
    goalId: string,
    effectiveOn: string,
    more: { outcomeNo?: number; evidenceIds?: string[] } & When = {},
  ): Said => {
    const { outcomeNo = 1, evidenceIds = [], ...when } = more;
    return onGoal(
      goalId,
      'GoalAttained',
      goal.GoalAttained.encode({ goalId, outcomeNo, evidenceIds, effectiveOn }),
      when,
    );
  },
  revoked: (goalId: string, groundOn: string, more: { outcomeNo?: number; evidenceId?: string } & When = {}): Said => {
    const { outcomeNo = 1, evidenceId = randomUUID(), ...when } = more;
    return onGoal(
      goalId,
      'AttainmentRevoked',
      goal.AttainmentRevoked.encode({ goalId, outcomeNo, evidenceId, groundOn }),
      when,
    );
  },
  coach: (personId: string, coachId: string, effectiveOn: string, assignmentNo = 1): Said => ({
    service: 'coaching',
    type: 'CoachAssigned',
    value: coaching.CoachAssigned.encode({ personId, coachId, assignmentNo, effectiveOn }).finish(),
    subject: `learner-${personId}`,
  }),
  coachLeft: (personId: string, coachId: string, effectiveOn: string, assignmentNo = 1): Said => ({
    service: 'coaching',
    type: 'CoachUnassigned',
    value: coaching.CoachUnassigned.encode({ personId, coachId, assignmentNo, effectiveOn }).finish(),
    subject: `learner-${personId}`,
  }),
};
