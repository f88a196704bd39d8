import { TimeLogged, TimeShortfallFound } from '@oppi/contracts/time_allocation/v1/time_allocation_events';
import type { Recorded } from '@oppi/event-sourcing';
import { publicationsOf } from './time-events.publication';

const recorded = (type: string, data: object): Recorded => ({ type, data }) as Recorded;
const valueOf = (type: string, data: object): Uint8Array =>
  publicationsOf(recorded(type, data))[0]?.value ?? new Uint8Array();

describe('publishing what happened', () => {
  const logged = { personId: 'p', on: '2026-03-29', entryId: 'e', goalId: 'g', minutes: 45 };

  it('publishes a fact under the name of its message, and only the fields that were meant', () => {
    expect(publicationsOf(recorded('TimeLogged', logged))[0]?.type).toBe('time_allocation.v1.TimeLogged');
    expect(TimeLogged.decode(valueOf('TimeLogged', { ...logged, note: 'Zzyzx' }))).toEqual(logged);
  });

  it('tells a shortfall with both numbers', () => {
    const minutes = { neededMinutes: 101, givenMinutes: 400, promisedMinutes: 300 };
    const found = { personId: 'p', goalId: 'g', ...minutes, dueOn: '2026-04-19', on: '2026-03-23' };
    expect(TimeShortfallFound.decode(valueOf('TimeShortfallFound', found))).toEqual(found);
  });

  it('keeps plans private, and gives the same bytes for the same event', () => {
    expect(publicationsOf(recorded('TimePlanned', { personId: 'p', goalId: 'g' }))).toEqual([]);
    expect(publicationsOf(recorded('TimePlanCorrected', { personId: 'p', goalId: 'g' }))).toEqual([]);
    expect(valueOf('TimeLogged', logged)).toEqual(valueOf('TimeLogged', logged));
  });
});
