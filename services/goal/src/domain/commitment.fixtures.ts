import type { CommitmentEvent, CommitmentTerms } from './commitment';
import { goalId } from './goal.fixtures';

export const commitmentId = '0a000000-0000-4000-8000-000000000001';

/** One goal at 49.90 EUR, tax 25.5 %. */
export const promise = () => ({
  commitmentId,
  name: 'Cloud autumn',
  goalIds: [goalId],
  threshold: 1,
  dueOn: '2026-06-30',
  priceMinor: 4_990,
  currency: 'EUR',
  vatRateBasisPoints: 2_550,
});

export const promisedTerms = (more: Partial<CommitmentTerms> = {}): CommitmentTerms => ({
  ...promise(),
  timeZone: 'Europe/Helsinki',
  imported: false,
  ...more,
});

export const wasPromised = (more: Partial<CommitmentTerms> = {}): CommitmentEvent => ({
  type: 'CommitmentProposed',
  data: promisedTerms(more),
});
