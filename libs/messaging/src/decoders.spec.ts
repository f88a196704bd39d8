import fc from 'fast-check';
import * as coaching from '@oppi/contracts/coaching/v1/coaching_events';
import * as goal from '@oppi/contracts/goal/v1/goal_events';
import * as reporting from '@oppi/contracts/reporting/v1/reporting_events';
import * as time from '@oppi/contracts/time_allocation/v1/time_allocation_events';
import type { Message } from './bus';
import { type Decoders, readMessage } from './reading';
import { sortOut } from './sorting';

const CASES = Number(process.env['FUZZ_DECODER_CASES'] ?? 5_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

type Decodable = { decode(value: Uint8Array): object };

const isDecodable = (value: unknown): value is Decodable =>
  typeof value === 'object' && value !== null && 'decode' in value;

const contracts = { 'goal.v1': goal, 'coaching.v1': coaching, 'time_allocation.v1': time, 'reporting.v1': reporting };

/** Every published fact there is. */
const decoders: Decoders = Object.fromEntries(
  Object.entries(contracts).flatMap(([name, messages]) =>
    Object.entries(messages as Record<string, unknown>).flatMap(([type, message]) =>
      isDecodable(message) ? [[`${name}.${type}`, (value: Uint8Array) => message.decode(value)]] : [],
    ),
  ),
);

const organisationId = '0a000000-0000-4000-8000-000000000001';
const good = {
  ce_specversion: '1.0',
  ce_id: '0198c5f2-6b1e-7c43-9d0a-2f6f3a1b7e55',
  ce_source: '/goal',
  ce_time: '2026-05-01T00:00:00.000Z',
  ce_recordedtime: '2026-05-01T00:00:00.000Z',
  ce_subject: 'goal-1',
  ce_partitionkey: organisationId,
  ce_organisationid: organisationId,
  ce_position: '1',
  ce_index: '0',
  ce_streamversion: '1',
  ce_actorid: 'somebody',
  ce_actorrole: 'operations',
  ce_correlationid: 'c',
  'content-type': 'application/protobuf',
};

const strange = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    '-1',
    '0',
    '1e9',
    'NaN',
    '9'.repeat(40),
    '\u0000',
    '\ud800',
    'x'.repeat(20_000),
    '9999-99-99T99:99:99Z',
  ),
  fc.bigInt().map(String),
);

// Real fields with wrong wire types, long varints and lengths beyond the end are what a generator of bytes seldom finds.
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 20 })))
    .map((fields) => Uint8Array.from(fields.flatMap(([field, wire, value]) => [(field << 3) | wire, ...value]))),
  fc.constantFrom(Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07), Uint8Array.of(...Array<number>(64).fill(0x80))),
);

const changes = fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(good)), fc.string({ maxLength: 20 })), strange, {
  maxKeys: 3,
});

const messages: fc.Arbitrary<Message> = fc
  .record({
    type: fc.constantFrom(...Object.keys(decoders), 'goal.v1.Nothing'),
    changed: fc.oneof(fc.constant({}), changes),
    key: fc.oneof({ weight: 9, arbitrary: fc.constant(organisationId) }, { weight: 1, arbitrary: strange }),
    value: bytes,
  })
  .map(({ type, changed, key, value }) => ({ key, value, headers: { ...good, ce_type: type, ...changed } }));

describe(`bus messages as bad input (F53, F82, API10-4; seed ${SEED}, ${CASES} cases)`, () => {
  it('are read, passed over or refused with a reason, and never break the reader', () => {
    const kinds = new Map<string, number>();
    fc.assert(
      fc.property(messages, (message) => {
        const reading = readMessage(message, decoders);
        kinds.set(reading.kind, (kinds.get(reading.kind) ?? 0) + 1);
        // TEN-09: what is taken in belongs to the organisation of key and header alike.
        if (reading.kind === 'event') expect(reading.envelope.organisationId).toBe(message.key);
        // The reason goes into logs: it must not repeat what was sent.
        if (reading.kind === 'refused') expect(reading.reason.length).toBeLessThan(120);
        const sorted = sortOut([{ delivery: { ...message, offset: 1n }, reading }], {
          marks: [],
          held: [],
          parkBy: 'subject',
        });
        const passed = [...sorted.passedOver.values()].reduce((sum, many) => sum + many, 0);
        expect(sorted.accepted.length + sorted.parked.length + sorted.duplicates + passed).toBe(1);
      }),
      { seed: SEED, numRuns: CASES },
    );
    // All three were met, or the generator has gone blind.
    expect([...kinds.keys()].sort()).toEqual(['event', 'refused', 'unhandled']);
  });
});
