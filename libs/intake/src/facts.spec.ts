import { PersonAdded } from '@oppi/contracts/goal/v1/goal_events';
import { decodersOf } from './facts';

describe('decoders', () => {
  it('know each message by the type it is published under', () => {
    const decoders = decodersOf('goal.v1', { PersonAdded });
    expect(Object.keys(decoders)).toEqual(['goal.v1.PersonAdded']);
    const said = PersonAdded.encode({ personId: 'anna' }).finish();
    expect(decoders['goal.v1.PersonAdded']?.(said)).toEqual({ personId: 'anna' });
  });
});
