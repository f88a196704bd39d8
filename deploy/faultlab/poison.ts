import * as goal from '@oppi/contracts/goal/v1/goal_events';
import type { Message } from '@oppi/messaging';
import { fixedUuid } from '../local/roles';
import type { Random } from './random';

/** The organisation that poison is published for; no story is told about it. */
export const POISONED = fixedUuid('faultlab poisoned');

export type Poison = Readonly<{ kind: string; message: Message }>;

type Headers = Record<string, string>;
type Change = (message: { key: string; value: Uint8Array; headers: Headers }) => Partial<Message>;

const withHeaders =
  (change: Headers): Change =>
  ({ headers }) => ({ headers: { ...headers, ...change } });

const without =
  (name: string): Change =>
  ({ headers }) => ({ headers: Object.fromEntries(Object.entries(headers).filter(([other]) => other !== name)) });

const withValue =
  (value: Uint8Array): Change =>
  () => ({ value });

const ofType =
  (name: string, value: Uint8Array): Change =>
  ({ headers }) => ({ value, headers: { ...headers, ce_type: `goal.v1.${name}` } });

const MANY_HEADERS = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`x-${n}`, '1']));
const START_GROUP = 0x0b; // of field 1
const [SOME_GOAL, SOME_EVIDENCE] = [fixedUuid('faultlab poisoned goal'), fixedUuid('faultlab poisoned evidence')];
const attained = (more: Partial<goal.GoalAttained>): Uint8Array =>
  goal.GoalAttained.encode({
    ...{ goalId: SOME_GOAL, outcomeNo: 1, evidenceIds: [SOME_EVIDENCE], effectiveOn: '2026-01-01' },
    ...more,
  }).finish();

/** Each kind of message that must not be taken in, or that is no business of anybody here. */
const KINDS: Readonly<Record<string, Change>> = {
  'JSON where protobuf belongs': withValue(Buffer.from('{"goalId":"1"}')),
  'bad UTF-8 in a text': withValue(Buffer.from([0x0a, 0x04, 0xff, 0xfe, 0xfd, 0xfc])),
  'bad UTF-8 in a header': withHeaders({ ce_actorid: '\ud800' }),
  'a value cut short': withValue(goal.GoalAgreed.encode({ goalId: SOME_GOAL }).finish().slice(0, 20)),
  'no value': withValue(new Uint8Array()),
  'an unknown type': ofType('NobodyKnowsThis', new Uint8Array()),
  'an unknown version': withHeaders({ ce_type: 'goal.v9.GoalAgreed' }),
  'no type': without('ce_type'),
  'no tenant': without('ce_organisationid'),
  'another tenant than the key': withHeaders({ ce_organisationid: fixedUuid('faultlab somebody else') }),
  'one mebibyte': withValue(Buffer.alloc(1024 * 1024 - 32 * 1024, 'x')),
  'nested deeply': withValue(Buffer.alloc(100_000, START_GROUP)),
  'NaN for a position': withHeaders({ ce_position: 'NaN' }),
  'infinity for a position': withHeaders({ ce_position: 'Infinity' }),
  'a position of 40 digits': withHeaders({ ce_position: '9'.repeat(40) }),
  'a negative index': withHeaders({ ce_index: '-1' }),
  'a time beyond the calendar': withHeaders({ ce_time: '2026-02-30T00:00:00.000Z' }),
  'a time beyond all others': withHeaders({ ce_recordedtime: '99999-12-31T00:00:00.000Z' }),
  'a date beyond the calendar': ofType('GoalAttained', attained({ effectiveOn: '99999-99-99' })),
  'an id that is none': ofType('GoalAttained', attained({ goalId: 'nobody' })),
  'a huge count': ofType('GoalAttained', attained({ outcomeNo: 4_294_967_295 })),
  'empty fields': ofType('GoalAttained', attained({ goalId: '', effectiveOn: '' })),
  'no key': () => ({ key: '' }),
  'ten thousand headers': withHeaders(MANY_HEADERS),
  'another content type': withHeaders({ 'content-type': 'application/json' }),
};

/** One of each kind, each about an aggregate of its own, in an order drawn. */
export const poisonFor = (random: Random): Poison[] =>
  random.shuffle(Object.keys(KINDS)).map((kind, nth) => {
    const eventId = fixedUuid(`faultlab poison ${random.next()} ${nth}`);
    const whole = {
      key: POISONED,
      value: goal.GoalAgreed.encode({ goalId: SOME_GOAL }).finish(),
      headers: {
        ce_specversion: '1.0',
        ce_id: eventId,
        ce_source: `/poison-${random.between(1, 1_000_000)}`,
        ce_type: 'goal.v1.GoalAgreed',
        ce_time: '2026-01-01T00:00:00.000Z',
        ce_recordedtime: '2026-01-01T00:00:00.000Z',
        ce_subject: `goal-${eventId}`,
        ce_partitionkey: POISONED,
        ce_organisationid: POISONED,
        ce_position: '1',
        ce_index: '0',
        ce_streamversion: '1',
        ce_actorid: eventId,
        ce_actorrole: 'operations',
        ce_correlationid: 'poison',
        'content-type': 'application/protobuf',
      },
    };
    return { kind, message: { ...whole, ...KINDS[kind]?.(whole) } };
  });
