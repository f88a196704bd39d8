import type { Facts } from '../facts';
import { INVARIANTS } from '.';
import { aCall, aMessage, anEvent, soundFacts } from './facts.fixtures';

const sound = soundFacts();
const [store] = sound.stores;
const [inbox] = sound.inboxes;
const [topic] = sound.bus;
const [firstCall, ...laterCalls] = sound.records;

const withStore = (more: Partial<Facts['stores'][number]>): Partial<Facts> => ({ stores: [{ ...store!, ...more }] });
const withInbox = (...messages: Facts['inboxes'][number]['messages']): Partial<Facts> => ({
  inboxes: [{ ...inbox!, messages }],
});
const withCalls = (...records: Facts['records']): Partial<Facts> => ({ records: [...sound.records, ...records] });

/** A promised goal that was attained, and what was billed for it. */
const withCharges = (...types: string[]): Partial<Facts> => {
  const [first] = store!.events;
  const goalId = 'promised';
  const goal = [
    { ...first!, type: 'CommitmentAgreed', data: { goalIds: [goalId], priceMinor: 4_990 } },
    { ...first!, type: 'GoalAttained', data: { goalId, outcomeNo: 1 } },
  ];
  const data = { goalId, outcomeNo: 1, lineId: 'line' };
  const charges = types.map((type) => ({ ...first!, streamId: 'charges-1', type, data }));
  const { organisationId } = first!;
  return {
    ledger: [{ organisationId, lineId: 'line', kind: 'charge', goalId, outcomeNo: 1, amountMinor: '4990' }],
    drafts: [{ organisationId, netMinor: '4990' }],
    stores: [
      { ...store!, events: goal },
      { service: 'reporting', events: charges, commands: [], relayed: 0n },
    ],
  };
};

it('I9, I10b hold for an attainment that was charged once', () => {
  const red = redIn(withCharges('GoalCharged'));
  expect(red).not.toContain('I9');
  expect(red).not.toContain('I10b');
});

/** The ids of the checks that go red. */
const redIn = (change: Partial<Facts>): string[] =>
  INVARIANTS.filter(({ check }) => check(soundFacts(change)).length > 0).map(({ id }) => id);

const charged = withCharges('GoalCharged');

describe('the invariants of a run', () => {
  it('hold when nothing is wrong', () => {
    expect(redIn({})).toEqual([]);
  });

  it.each<[string, string, Partial<Facts>]>([
    ['I1', 'an answered command is not stored', withStore({ commands: store!.commands.slice(1) })],
    ['I1', 'an answered command left no event', withStore({ events: store!.events.slice(0, 2) })],
    ['I1', 'a command lies elsewhere than answered', { records: [aCall(1, {}, { position: '2' }), ...laterCalls] }],
    [
      'I2',
      'the events of one key lie in two places',
      withStore({ events: [...store!.events, anEvent(4, { commandId: 'key-1' })] }),
    ],
    ['I2', 'the same key was done twice', withCalls(aCall(9, { key: 'key-1' }, { position: '1', version: 1 }))],
    [
      'I2',
      'the same key was answered differently',
      withCalls(aCall(9, { key: 'key-1' }, { position: '3', replayed: true })),
    ],
    [
      'I2',
      'a repetition was refused after the deed',
      withCalls(aCall(9, { key: 'key-1' }, { outcome: 'refused', code: 'goal-ended', status: 422 })),
    ],
    ['I3', 'a refused command left an event', { records: [aCall(1, {}, { outcome: 'refused' })] }],
    ['I3', 'a key in use let another command in', withCalls(aCall(9, { key: 'key-1', misuse: true }))],
    ['I4', 'a version is missing', withStore({ events: [anEvent(1), anEvent(2, { version: 3 })] })],
    ['I4', 'a position is given twice', withStore({ events: [anEvent(1), anEvent(1, { version: 2 })] })],
    ['I5', 'an aggregate was taken in out of order', withInbox(aMessage(2), aMessage(1))],
    ['I5', 'the bus holds a later fact first', { bus: [{ ...topic!, messages: [aMessage(2), aMessage(1)] }] }],
    ['I6', 'a fact was taken in twice', withInbox(aMessage(1), aMessage(1))],
    ['I6', 'an event was taken in under two places', withInbox(aMessage(1), aMessage(2, { eventId: 'event-1' }))],
    ['I7', 'a rebuild finds other rows', { rebuilt: [{ service: 'reporting', name: 'goals', equal: false }] }],
    ['I7', 'a list shows another status', { listed: [{ ...sound.listed[0]!, status: 'attained' }] }],
    ['I8', 'the relay stands behind', withStore({ relayed: 2n })],
    [
      'I8',
      'an event was never published',
      { bus: [{ ...topic!, messages: [aMessage(1, { type: 'goal.v1.GoalProposed' }), aMessage(2), aMessage(4)] }] },
    ],
    [
      'I8',
      'something was published that is not stored',
      { bus: [{ ...topic!, messages: [...topic!.messages, aMessage(9)] }] },
    ],
    ['I8', 'a consumer lacks a fact', withInbox(aMessage(1), aMessage(2))],
    ['I9', 'an attainment of a promised goal was never charged', withCharges()],
    ['I9', 'an attainment was charged twice', withCharges('GoalCharged', 'GoalCharged')],
    ['I9', 'a charge was taken back though its attainment stands', withCharges('GoalCharged', 'ChargeReversed')],
    [
      'I10b',
      'a line is not at the agreed price',
      { ...charged, ledger: [{ ...charged.ledger![0]!, amountMinor: '1' }] },
    ],
    ['I10b', 'a draft comes to another sum', { ...charged, drafts: [{ ...charged.drafts![0]!, netMinor: '0' }] }],
    ['I10', 'a figure differs from the log', { figures: [{ ...sound.figures[0]!, attained: 1 }] }],
    ['I11', 'an answer shows another organisation', withCalls(aCall(9, {}, { leaked: 'another' }))],
    ['I11b', 'a personal text lies in the clear', { plaintext: ['goal.log'] }],
    ['I15', 'a queue never drained', { quiet: { afterMs: 1, limitMs: 1, left: ["goal's relay"] } }],
    ['I15', 'the healed product does not answer', { unanswered: ['ListGoals says 503'] }],
    ['I15', 'a relay has two leaders', { leaders: [{ service: 'goal', count: 2 }] }],
    ['I15b', 'a lease outlived its holder', { heldLeases: ['bus_groups reporting.inbox'] }],
    [
      'I16',
      'an internal error was answered',
      withCalls(aCall(9, { key: 'key-9' }, { outcome: 'broken', status: 500 })),
    ],
    [
      'I16',
      'a failure took too long',
      { records: [firstCall!, aCall(9, { key: 'key-9' }, { outcome: 'unavailable', at: 20_000 })] },
    ],
    [
      'I17',
      'memory grew',
      { resources: { ...sound.resources, after: [{ ...sound.resources.after[0]!, rssBytes: 2 ** 30 }] } },
    ],
    ['I17', 'a transaction was left open', { idleInTransaction: 1 }],
  ])('%s goes red when %s', (id, _what, change) => {
    expect(redIn(change)).toContain(id);
  });
});
