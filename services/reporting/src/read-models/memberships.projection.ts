import type { PersonJoinedTeam, PersonLeftTeam } from '@oppi/contracts/goal/v1/goal_events';
import { whenFact } from '@oppi/intake';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';

/** Time in a team, on both clocks. `fromOn` null: nobody knows since when. `untilOn` is the first day out. */
export type MembershipRow = {
  organisationId: string;
  personId: string;
  membershipNo: number;
  teamId: string;
  fromOn: string | null;
  joinRecordedAt: string;
  untilOn: string | null;
  leaveRecordedAt: string | null;
};

const key = ({
  organisationId,
  data,
}: {
  organisationId: string;
  data: { personId: string; membershipNo: number };
}) => ({
  organisationId,
  personId: data.personId,
  membershipNo: data.membershipNo,
});

/** One row per membership. */
export const memberships = projection<MembershipRow, InboxEvent>({
  table: {
    name: 'memberships',
    columns: {
      organisationId: 'uuid',
      personId: 'uuid',
      membershipNo: 'integer',
      teamId: 'uuid',
      fromOn: 'date',
      joinRecordedAt: 'timestamptz',
      untilOn: 'date',
      leaveRecordedAt: 'timestamptz',
    },
    key: ['organisationId', 'personId', 'membershipNo'],
  },
  on: {
    'goal.v1.PersonJoinedTeam': whenFact<MembershipRow, PersonJoinedTeam>({
      key,
      row: (_row, { organisationId, recordedAt, data: { personId, membershipNo, teamId, effectiveOn } }) => ({
        organisationId,
        personId,
        membershipNo,
        teamId,
        fromOn: effectiveOn ?? null,
        joinRecordedAt: recordedAt,
        untilOn: null,
        leaveRecordedAt: null,
      }),
    }),
    'goal.v1.PersonLeftTeam': whenFact<MembershipRow, PersonLeftTeam>({
      key,
      row: (row, { recordedAt, data: { effectiveOn } }) =>
        row && { ...row, untilOn: effectiveOn, leaveRecordedAt: recordedAt },
    }),
  },
});
