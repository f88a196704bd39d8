import type { Recorded } from '@oppi/event-sourcing';
import { projection, type Rule } from '@oppi/projections';
import type { EvidenceStatus } from '../../domain/goal';
import type { EvidenceSubmitted } from '../../domain/goal.events';

/** One row per piece of evidence: what waits for a verifier is found among them. */
export type EvidenceRow = {
  organisationId: string;
  goalId: string;
  evidenceId: string;
  kind: string;
  status: EvidenceStatus;
  submittedAt: string;
};

const key = (event: Recorded): Partial<EvidenceRow> => {
  const { goalId, evidenceId } = event.data as { goalId: string; evidenceId: string };
  return { organisationId: event.organisationId, goalId, evidenceId };
};
const becomes = (status: EvidenceStatus): Rule<EvidenceRow, Recorded> => ({
  key,
  row: (row) => row && { ...row, status },
});

export const evidenceList = projection<EvidenceRow, Recorded>({
  table: {
    name: 'evidence_list',
    columns: {
      organisationId: 'uuid',
      goalId: 'uuid',
      evidenceId: 'uuid',
      kind: 'text',
      status: 'text',
      submittedAt: 'timestamptz',
    },
    key: ['organisationId', 'goalId', 'evidenceId'],
  },
  on: {
    EvidenceSubmitted: {
      key,
      row: (_row, event) => {
        const { goalId, evidenceId, kind, recordedAt } = event.data as EvidenceSubmitted['data'];
        const { organisationId } = event;
        return { organisationId, goalId, evidenceId, kind, status: 'submitted', submittedAt: recordedAt };
      },
    },
    EvidenceReferred: becomes('referred'),
    EvidenceAccepted: becomes('accepted'),
    EvidenceRejected: becomes('rejected'),
    EvidenceVoided: becomes('voided'),
  },
});
