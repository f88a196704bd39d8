import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';
import type { DialKind } from './concern';

/** What was said lies in the content vault; an event only says that it was. */
export type CheckInRecorded = Event<'CheckInRecorded', { checkInId: string; personId: string; effectiveOn: string }>;
/** Asked for and not answered: a fact of its own, never a low answer (rule C12). */
export type CheckInSkipped = Event<'CheckInSkipped', { checkInId: string; personId: string; effectiveOn: string }>;
export type CheckInEvent = CheckInRecorded | CheckInSkipped;

export type CheckIn = { status: 'unset' | 'skipped' | 'recorded' };

/** The answers, from 1 to 5; one that was not given is absent. */
export type Dials = Readonly<Partial<Record<DialKind, number | undefined>>>;
export const DIALS = ['direction', 'motivation', 'time'] as const;

export const checkIn: Decider<CheckIn, CheckInEvent> = {
  initial: { status: 'unset' },
  evolve: (_state, event) => ({ status: event.type === 'CheckInRecorded' ? 'recorded' : 'skipped' }),
};

export const checkInStream = (personId: string, checkInId: string): string => `check-in-${personId}-${checkInId}`;

/** One that was skipped may still be answered later. */
export const recordCheckIn = (state: CheckIn, data: CheckInRecorded['data']): CheckInEvent[] => {
  if (state.status === 'recorded')
    throw new DomainError('conflict', 'check-in-already-recorded', 'This check-in was recorded already.');
  const { checkInId, personId, effectiveOn } = data;
  return [{ type: 'CheckInRecorded', data: { checkInId, personId, effectiveOn } }];
};

export const skipCheckIn = (state: CheckIn, data: CheckInSkipped['data']): CheckInEvent[] => {
  if (state.status !== 'unset')
    throw new DomainError('conflict', 'check-in-already-recorded', 'This check-in was recorded already.');
  const { checkInId, personId, effectiveOn } = data;
  return [{ type: 'CheckInSkipped', data: { checkInId, personId, effectiveOn } }];
};

/** The dials that are low; one that was not answered is not (rule C12). */
export const lowDials = (dials: Dials, low: number): DialKind[] =>
  DIALS.filter((dial) => {
    const answer = dials[dial];
    return answer !== undefined && answer <= low;
  });
