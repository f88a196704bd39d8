import { randomUUID } from 'node:crypto';
import { faultIn } from './published-fields';
import { readMessage } from './reading';

const sound = {
  goalId: randomUUID(),
  evidenceIds: [randomUUID(), randomUUID()],
  criterionIds: ['any word'],
  activityId: 'read-a-book',
  personId: undefined,
  effectiveOn: '2028-02-29',
  dueAt: '2026-01-01T08:00:00.000Z',
  outcomeNo: 3,
  priceMinor: '4990',
  amountMinor: '-4990',
  imported: false,
  activities: [{ activityId: 'one', goalId: randomUUID() }],
};

describe('the fields of a published fact', () => {
  it('F53: are what their names say', () => {
    expect(faultIn(sound)).toBeUndefined();
  });
  it.each([
    ['an id that is none', { goalId: 'nobody' }, 'goalId is no id'],
    ['an empty id', { goalId: '' }, 'goalId is no id'],
    ['one wrong id among others', { evidenceIds: [randomUUID(), '1'] }, 'evidenceIds is no id'],
    ['a date beyond the calendar', { effectiveOn: '2026-02-30' }, 'effectiveOn is no date'],
    ['a date beyond all others', { effectiveOn: '99999-12-31' }, 'effectiveOn is no date'],
    ['a year that PostgreSQL does not have', { dueOn: '0000-01-01' }, 'dueOn is no date'],
    ['a time that is none', { dueAt: 'tomorrow' }, 'dueAt is no time'],
    ['a count beyond its column', { outcomeNo: 4_294_967_295 }, 'outcomeNo is out of range'],
    ['NaN', { percent: NaN }, 'percent is out of range'],
    ['infinity', { percent: Infinity }, 'percent is out of range'],
    ['a negative price', { priceMinor: '-1' }, 'priceMinor is no price'],
    ['an amount with a fraction', { amountMinor: '1.5' }, 'amountMinor is no amount'],
    ['a NUL in a text', { name: 'a\0b' }, 'name has a character that nothing can store'],
    ['a wrong id deep inside', { activities: [{ goalId: '7' }] }, 'goalId is no id'],
  ])('F53: %s is refused, in words without the content', (_what, change, fault) => {
    expect(faultIn({ ...sound, ...change })).toBe(fault);
  });
  it('F53: refuse the message before it is taken in', () => {
    const [organisationId, eventId] = [randomUUID(), randomUUID()];
    const headers = {
      ce_specversion: '1.0',
      ce_id: eventId,
      ce_source: '/goal',
      ce_type: 'goal.v1.GoalAttained',
      ce_time: '2026-01-01T00:00:00.000Z',
      ce_recordedtime: '2026-01-01T00:00:00.000Z',
      ce_subject: 'goal-1',
      ce_partitionkey: organisationId,
      ce_organisationid: organisationId,
      ce_position: '1',
      ce_index: '0',
      ce_streamversion: '1',
      ce_actorid: 'actor',
      ce_actorrole: 'verifier',
      ce_correlationid: 'one',
      'content-type': 'application/protobuf',
    };
    const decoders = {
      'goal.v1.GoalAttained': (value: Uint8Array) => JSON.parse(Buffer.from(value).toString()) as object,
    };
    const read = (data: object) =>
      readMessage({ key: organisationId, value: Buffer.from(JSON.stringify(data)), headers }, decoders);
    expect(read(sound)).toMatchObject({ kind: 'event' });
    expect(read({ ...sound, goalId: 'nobody' })).toMatchObject({
      kind: 'refused',
      reason: 'goalId is no id in a goal.v1.GoalAttained',
    });
  });
});
