import * as published from '@oppi/contracts/coaching/v1/coaching_events';
import type { Recorded } from '@oppi/event-sourcing';
import {
  coach,
  dueAt,
  personId,
  somebody,
  wasAssigned,
  wasClosed,
  wasEntrusted,
  wasRaised,
  wereSealed,
} from '../../domain/coaching.fixtures';
import { publicationsOf } from './coaching-events.publication';

const publish = (event: { type: string; data: object }) => publicationsOf(event as Recorded);

describe('publishing what happened', () => {
  it('E4: tells who coaches whom from when, so that goal can refuse the learner’s own coach as verifier', () => {
    const [told] = publish(wasAssigned());
    expect(told?.type).toBe('coaching.v1.CoachAssigned');
    expect(published.CoachAssigned.decode(told?.value ?? new Uint8Array())).toEqual({
      personId,
      coachId: coach,
      assignmentNo: 1,
      effectiveOn: '2026-03-01',
    });
  });
  it('C2: tells that a check-in was held and nothing that was said', () => {
    const about = { checkInId: 'ci-1', personId, effectiveOn: '2026-05-01' };
    const [told] = publish({ type: 'CheckInRecorded', data: { ...about, direction: 1, text: 'Zzyzx' } });
    expect(told?.type).toBe('coaching.v1.CheckInHeld');
    expect(published.CheckInHeld.decode(told?.value ?? new Uint8Array())).toEqual(about);
    expect(Buffer.from(told?.value ?? []).toString()).not.toContain('Zzyzx');
  });
  it('C9: tells a concern with owner and due time, never who raised it, and its outcome', () => {
    const raised = wasRaised('stalled', coach);
    const [told] = publish({ ...raised, data: { ...raised.data, raisedBy: somebody } });
    expect(published.ConcernRaised.decode(told?.value ?? new Uint8Array())).toEqual({
      concernId: 'c-stalled',
      personId,
      kind: 'stalled',
      goalId: undefined,
      ownerId: coach,
      dueAt,
    });
    expect(Buffer.from(told?.value ?? []).toString()).not.toContain(somebody);
    const [closed] = publish(wasClosed('stalled'));
    expect(published.ConcernClosed.decode(closed?.value ?? new Uint8Array())).toEqual({
      concernId: 'c-stalled',
      personId,
      kind: 'stalled',
      outcome: 'helped',
    });
  });
  it('keeps private events private', () => {
    for (const event of [wasEntrusted(coach), wereSealed, { type: 'CheckInSkipped', data: {} }])
      expect(publish(event)).toEqual([]);
  });
});
