export const COMMITMENT_STATUSES = ['running', 'met', 'missed'] as const;
export type CommitmentStatus = (typeof COMMITMENT_STATUSES)[number];

/**
 * Met as soon as enough is attained, and it stays met unless an attainment is revoked (rule A10). The due date counts to its
 * end (rule A4): missed from the day after.
 */
export const commitmentStatus = (
  { attained, threshold, dueOn }: { attained: number; threshold: number; dueOn: string },
  on: string,
): CommitmentStatus => {
  if (attained >= threshold) return 'met';
  return on > dueOn ? 'missed' : 'running';
};
