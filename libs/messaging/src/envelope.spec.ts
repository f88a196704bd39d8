import fc from 'fast-check';
import type { Recorded } from '@oppi/event-sourcing';
import { toMessages } from './envelope';
import { readEnvelope } from './envelope-reading';

const organisationId = '0198f6a0-0000-7000-8000-000000000001';
const eventId = '0198f6a0-0000-7000-8000-000000000002';

const agreed: Recorded = {
  type: 'GoalAgreed',
  data: {},
  position: 41n,
  organisationId,
  streamId: 'goal-7',
  version: 3,
  eventId,
  schemaVersion: 1,
  actor: { id: 'person-9', role: 'sponsor' },
  commandId: 'c-1',
  correlationId: 'r-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  occurredAt: '2026-03-01T08:00:00.000Z',
  recordedAt: '2026-03-02T09:30:00.250Z',
};

const value = Uint8Array.from([1, 2, 3]);
const [message] = toMessages('goal', agreed, [{ type: 'goal.v1.GoalAgreed', value }]);
const { headers } = message!;

const refusalOf = (change: Record<string, string | undefined>, more: object = {}) => {
  const changed = Object.entries({ ...headers, ...change }).filter(([, text]) => text !== undefined);
  const reading = readEnvelope({
    ...message!,
    headers: Object.fromEntries(changed) as Record<string, string>,
    ...more,
  });
  return reading.kind === 'refused' ? reading : undefined;
};

describe('the envelope of a message', () => {
  it('is CloudEvents 1.0 in binary mode, lower case and all text', () => {
    expect(headers).toEqual({
      ce_specversion: '1.0',
      ce_id: eventId,
      ce_source: '/goal',
      ce_type: 'goal.v1.GoalAgreed',
      ce_time: '2026-03-01T08:00:00.000Z',
      ce_recordedtime: '2026-03-02T09:30:00.250Z',
      ce_subject: 'goal-7',
      ce_partitionkey: organisationId,
      ce_organisationid: organisationId,
      ce_position: '41',
      ce_index: '0',
      ce_streamversion: '3',
      ce_actorid: 'person-9',
      ce_actorrole: 'sponsor',
      ce_correlationid: 'r-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'content-type': 'application/protobuf',
    });
    expect(message!.key).toBe(organisationId);
  });

  it('numbers the messages of one event, and only then', () => {
    const both = toMessages('goal', agreed, [
      { type: 'goal.v1.GoalAgreed', value },
      { type: 'goal.v1.GoalAttained', value },
    ]);
    expect(both.map(({ headers: { ce_id, ce_index } }) => [ce_id, ce_index])).toEqual([
      [`${eventId}:0`, '0'],
      [`${eventId}:1`, '1'],
    ]);
    expect(both.map((one) => readEnvelope(one))).toMatchObject([
      { envelope: { eventId, index: 0 } },
      { envelope: { eventId, index: 1 } },
    ]);
  });

  it('reads back as what was written', () => {
    expect(readEnvelope(message!)).toEqual({
      kind: 'envelope',
      envelope: {
        organisationId,
        source: 'goal',
        position: 41n,
        index: 0,
        eventId,
        type: 'goal.v1.GoalAgreed',
        subject: 'goal-7',
        streamVersion: 3,
        actorId: 'person-9',
        actorRole: 'sponsor',
        occurredAt: agreed.occurredAt,
        recordedAt: agreed.recordedAt,
        correlationId: 'r-1',
        traceparent: agreed.traceparent,
      },
    });
  });

  const required = Object.keys(headers).filter((name) => name !== 'traceparent');

  it.each(required)('is refused without %s', (name) => {
    expect(refusalOf({ [name]: undefined })?.reason).toContain(name === 'ce_partitionkey' ? 'key' : name);
  });

  it.each([
    ['ce_position', '0', 'ce_position is out of range'],
    ['ce_position', '9223372036854775808', 'ce_position is out of range'],
    ['ce_position', '1e3', 'ce_position is malformed'],
    ['ce_position', '041', 'ce_position is malformed'],
    ['ce_index', '10000', 'ce_index is out of range'],
    ['ce_streamversion', '2147483648', 'ce_streamversion is out of range'],
    ['ce_time', '2026-03-01', 'ce_time is malformed'],
    ['ce_time', '0000-03-01T00:00:00Z', 'ce_time is malformed'],
    ['ce_time', '2026-02-29T00:00:00Z', 'ce_time is no time'],
    ['ce_recordedtime', '2026-03-01T25:00:00Z', 'ce_recordedtime is no time'],
    ['ce_id', `${eventId}:1`, 'ce_id and ce_index differ'],
    ['ce_id', 'no-uuid', 'ce_id is malformed'],
    ['ce_source', 'goal', 'ce_source is malformed'],
    ['ce_type', 'GoalAgreed', 'ce_type is malformed'],
    ['ce_subject', 'goal 7', 'ce_subject is malformed'],
    ['ce_actorrole', 'a\0b', 'ce_actorrole is malformed'],
    ['ce_actorid', '\ud800', 'ce_actorid is malformed'],
    ['ce_correlationid', 'x'.repeat(201), 'ce_correlationid is malformed'],
    ['ce_specversion', '0.3', 'ce_specversion is not 1.0'],
    ['content-type', 'application/json', 'content-type is not application/protobuf'],
  ])('is refused with %s %p', (name, text, reason) => {
    expect(refusalOf({ [name]: text })?.reason).toBe(reason);
  });

  it.each([
    ['257 KiB of value', {}, { value: new Uint8Array(257 * 1024) }],
    ['65 headers', Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`x${n}`, ''])), {}],
    ['17 KiB of headers', { x: 'x'.repeat(17 * 1024) }, {}],
  ])('is refused with %s', (_name, change, more) => {
    expect(refusalOf(change, more)?.reason).toContain('than');
  });

  it('names no organisation when key and header disagree: nobody may hold up a stranger', () => {
    const stranger = '0198f6a0-0000-7000-8000-00000000000f';
    const reason = 'the key and the organisation in the headers differ';
    for (const refused of [
      refusalOf({}, { key: stranger }),
      refusalOf({ ce_organisationid: stranger }),
      refusalOf({ ce_partitionkey: stranger }),
    ])
      expect([refused?.reason, refused?.known.organisationId]).toEqual([reason, undefined]);
  });

  it('tells what is known of a refused message', () => {
    const known = { organisationId, source: 'goal', position: 41n, index: 0, subject: 'goal-7' };
    expect(refusalOf({ ce_time: 'then' })?.known).toEqual({ ...known, type: 'goal.v1.GoalAgreed' });
    expect(refusalOf({ ce_type: '' })?.known).toEqual({ ...known, type: undefined });
  });

  it('brings times to milliseconds and leaves out a trace that is none', () => {
    const reading = readEnvelope({
      ...message!,
      headers: { ...headers, ce_time: '2026-03-01T08:00:00.1234567Z', traceparent: 'none' },
    });
    expect(reading).toMatchObject({ envelope: { occurredAt: '2026-03-01T08:00:00.123Z' } });
    expect(reading).not.toHaveProperty('envelope.traceparent');
  });

  it('never throws, whatever the headers are, and never repeats their content', () => {
    const name = fc.oneof(fc.constantFrom(...Object.keys(headers), '__proto__', 'constructor'), fc.string());
    const text = fc.oneof(fc.constantFrom(...Object.values(headers)), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.dictionary(name, text), fc.string(), (odd, key) => {
        const secret = `secret${'x'.repeat(20)}`;
        const reading = readEnvelope({ key, value, headers: { ...headers, ...odd, ce_actorid: `${secret}\n` } });
        return reading.kind === 'refused' && !reading.reason.includes(secret);
      }),
    );
  });
});
