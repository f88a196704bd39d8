import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';
import type { Party } from './goal.events';

/**
 * What the provider answers for (rule A1): so many of these goals by then, each billed at this price once attained. The
 * price is without tax, in minor units of the currency; the tax rate is part of the promise (rule B16). `dueOn` ends at
 * 24:00 in `timeZone`. `imported`: history with dates of its own.
 */
export type CommitmentTerms = Readonly<{
  commitmentId: string;
  name: string;
  goalIds: readonly string[];
  threshold: number;
  dueOn: string;
  priceMinor: number;
  currency: string;
  vatRateBasisPoints: number;
  timeZone: string;
  imported: boolean;
}>;

type On<T> = T & { commitmentId: string };
export type CommitmentProposed = Event<'CommitmentProposed', CommitmentTerms>;
export type CommitmentAgreementGiven = Event<
  'CommitmentAgreementGiven',
  On<{ party: Party; actorId: string; effectiveOn: string }>
>;
/** Repeats the terms: what is billed is told by this event alone. */
export type CommitmentAgreed = Event<
  'CommitmentAgreed',
  Omit<CommitmentTerms, 'timeZone' | 'imported'> & { effectiveOn: string }
>;
export type CommitmentEvent = CommitmentProposed | CommitmentAgreementGiven | CommitmentAgreed;

export type SetCommitment = Readonly<{
  status: 'proposed' | 'agreed';
  terms: CommitmentTerms;
  agreements: Readonly<Partial<Record<Party, { actorId: string; effectiveOn: string }>>>;
  agreedOn?: string;
}>;
export type Commitment = { status: 'unset' } | SetCommitment;

export const commitmentStream = (commitmentId: string): string => `commitment-${commitmentId}`;

export const commitment: Decider<Commitment, CommitmentEvent> = {
  initial: { status: 'unset' },
  evolve: (state, event) => {
    if (event.type === 'CommitmentProposed') return { status: 'proposed', terms: event.data, agreements: {} };
    // Only a proposal begins a stream.
    if (state.status === 'unset') return state;
    if (event.type === 'CommitmentAgreed') return { ...state, status: 'agreed', agreedOn: event.data.effectiveOn };
    const { party, actorId, effectiveOn } = event.data;
    return { ...state, agreements: { ...state.agreements, [party]: { actorId, effectiveOn } } };
  },
};

/** The commitment, which must be there. */
export const madeCommitment = (state: Commitment): SetCommitment => {
  if (state.status === 'unset') throw noCommitment();
  return state;
};

export const noCommitment = (): DomainError =>
  new DomainError('not-found', 'commitment-not-found', 'There is no such commitment.');

/** Says what would be promised; nothing counts and nothing is billed before both parties agreed. `today` is local. */
export const proposeCommitment = (state: Commitment, terms: CommitmentTerms, today: string): CommitmentEvent[] => {
  if (state.status !== 'unset')
    throw new DomainError('conflict', 'commitment-already-proposed', 'This commitment is already proposed.');
  if (!terms.imported && terms.dueOn < today)
    throw new DomainError('refused', 'commitment-due-in-past', 'A commitment must be due today or later.');
  if (terms.threshold > terms.goalIds.length)
    throw new DomainError('refused', 'threshold-above-list', 'More goals are to be attained than are listed.');
  const { timeZone, imported } = terms;
  return [{ type: 'CommitmentProposed', data: { ...promiseOf(terms), timeZone, imported } }];
};

/**
 * One party's agreement; with the second the list is frozen (rule A2) and the commitment holds, from the later of the two
 * days. They must be two different actors.
 */
export const agreeCommitment = (
  state: Commitment,
  party: Party,
  actorId: string,
  effectiveOn: string,
): CommitmentEvent[] => {
  const { terms, agreements } = madeCommitment(state);
  const { commitmentId } = terms;
  if (agreements[party])
    throw new DomainError('conflict', 'commitment-party-already-agreed', `The ${party} has agreed already.`);
  const other = agreements[party === 'provider' ? 'client' : 'provider'];
  if (other?.actorId === actorId)
    throw new DomainError(
      'refused',
      'commitment-needs-two-actors',
      'Provider and client must agree by two different people.',
    );
  const given: CommitmentEvent = {
    type: 'CommitmentAgreementGiven',
    data: { commitmentId, party, actorId, effectiveOn },
  };
  if (!other) return [given];
  const from = effectiveOn > other.effectiveOn ? effectiveOn : other.effectiveOn;
  return [given, { type: 'CommitmentAgreed', data: { ...promiseOf(terms), effectiveOn: from } }];
};

const promiseOf = (terms: CommitmentTerms): Omit<CommitmentTerms, 'timeZone' | 'imported'> => {
  const { commitmentId, name, goalIds, threshold, dueOn, priceMinor, currency, vatRateBasisPoints } = terms;
  return { commitmentId, name, goalIds, threshold, dueOn, priceMinor, currency, vatRateBasisPoints };
};
