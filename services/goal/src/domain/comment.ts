import { type Goal, goalStream, set } from './goal';

/** What somebody had to say about a piece of evidence, or about ending the goal. */
export type Remark = 'referred' | 'rejected' | 'voided' | 'withdrawn';

/** Where a remark lies in the content vault; one place for each step that may bring one. */
export const remarkPlace = (goalId: string, step: Remark, evidenceId?: string): string =>
  [goalStream(goalId), ...(evidenceId === undefined ? [] : [`evidence-${evidenceId}`]), step].join('/');

/** The learner's texts, so that they go when the learner is erased; without a learner the organisation's. */
export const commentOn = (
  state: Goal,
  about: { organisationId: string; evidenceId?: string | undefined; comment?: string | undefined },
  step: Remark,
): { vault: 'content'; subject: string; place: string; text: string }[] => {
  const { goalId, personId } = set(state).terms;
  if (about.comment === undefined) return [];
  const place = remarkPlace(goalId, step, step === 'withdrawn' ? undefined : about.evidenceId);
  return [{ vault: 'content', subject: personId ?? about.organisationId, place, text: about.comment }];
};
