import type { EvidenceAccepted, EvidenceSubmitted } from '@oppi/contracts/goal/v1/goal_events';
import type { InboxEvent } from '@oppi/messaging';
import { projection } from '@oppi/projections';
import { whenFact } from '@oppi/intake';

/** When evidence came about, and who accepted it: nobody yet when null. */
export type EvidenceRow = {
  organisationId: string;
  goalId: string;
  evidenceId: string;
  effectiveOn: string;
  acceptedBy: string | null;
};

type OnEvidence = { organisationId: string; data: { goalId: string; evidenceId: string } };
const key = ({ organisationId, data: { goalId, evidenceId } }: OnEvidence) => ({ organisationId, goalId, evidenceId });

/** One row per piece of evidence, for the independence of its verifier (rule E4). */
export const evidence = projection<EvidenceRow, InboxEvent>({
  table: {
    name: 'evidence',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      evidenceId: 'uuid',
      effectiveOn: 'date',
      acceptedBy: 'text',
    },
    key: ['organisationId', 'goalId', 'evidenceId'],
  },
  on: {
    'goal.v1.EvidenceSubmitted': whenFact<EvidenceRow, EvidenceSubmitted>({
      key,
      row: (_row, { organisationId, data: { goalId, evidenceId, effectiveOn } }) => ({
        organisationId,
        goalId,
        evidenceId,
        effectiveOn,
        acceptedBy: null,
      }),
    }),
    'goal.v1.EvidenceAccepted': whenFact<EvidenceRow, EvidenceAccepted>({
      key,
      row: (row, { actorId }) => row && { ...row, acceptedBy: actorId },
    }),
  },
});
