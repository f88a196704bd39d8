import type { CallRecord, Facts, StoredEvent, Told } from '../facts';
import type { AnswerEntry, CallEntry } from '../operation-log';

const ORGANISATION = '00000000-0000-4000-8000-000000000001';

export const anEvent = (position: number, more: Partial<StoredEvent> = {}): StoredEvent => ({
  position: BigInt(position),
  organisationId: ORGANISATION,
  streamId: 'goal-1',
  version: position,
  eventId: `event-${position}`,
  type: 'ProgressReported',
  commandId: `key-${position}`,
  data: {},
  ...more,
});

export const aMessage = (position: number, more: Partial<Told> = {}): Told => ({
  place: BigInt(position),
  organisationId: ORGANISATION,
  source: 'goal',
  position: BigInt(position),
  index: 0,
  eventId: `event-${position}`,
  type: 'goal.v1.ProgressReported',
  subject: 'goal-1',
  streamVersion: position,
  ...more,
});

export const aCall = (n: number, call: Partial<CallEntry> = {}, answer: Partial<AnswerEntry> = {}): CallRecord => ({
  call: {
    entry: 'call',
    n,
    at: n,
    service: 'goal',
    rpc: 'ReportProgress',
    organisationId: ORGANISATION,
    key: `key-${n}`,
    wire: 'rest',
    process: 'goal.1',
    input: {},
    ...call,
  },
  answer: {
    entry: 'answer',
    n,
    at: n + 10,
    outcome: 'ok',
    status: 200,
    version: n,
    position: String(n),
    replayed: false,
    ...answer,
  },
});

const LAST = 3;
const upTo = <T>(make: (n: number) => T): T[] => Array.from({ length: LAST }, (_, n) => make(n + 1));
const resources = [{ process: 'goal.1', pid: 1, rssBytes: 100 * 1024 * 1024, descriptors: 40 }];

/** A run in which nothing is wrong: three commands, their events, published and taken in. */
export const soundFacts = (more: Partial<Facts> = {}): Facts => ({
  records: upTo((n) => aCall(n, { rpc: ['ProposeGoal', 'AgreeGoal', 'ReportProgress'][n - 1] as string })),
  notes: [],
  stores: [
    {
      service: 'goal',
      events: [anEvent(1, { type: 'GoalProposed' }), anEvent(2, { type: 'GoalAgreementGiven' }), anEvent(3)],
      commands: upTo((n) => ({
        organisationId: ORGANISATION,
        commandId: `key-${n}`,
        version: n,
        position: BigInt(n),
      })),
      relayed: BigInt(LAST),
    },
  ],
  inboxes: [{ service: 'reporting', messages: upTo((n) => aMessage(n)), parked: [] }],
  bus: [{ topic: 'goal.events.v1', messages: upTo((n) => aMessage(n)), unreadable: 0 }],
  figures: [{ organisationId: ORGANISATION, agreed: 0, attained: 0, withdrawn: 0 }],
  listed: [{ organisationId: ORGANISATION, goalId: '1', status: 'proposed', version: LAST }],
  ledger: [],
  drafts: [],
  rebuilt: [{ service: 'reporting', name: 'goals', equal: true }],
  quiet: { afterMs: 10, limitMs: 1_000, left: [] },
  unanswered: [],
  patienceMs: 6_000,
  plaintext: [],
  leaders: [{ service: 'goal', count: 1 }],
  resources: { before: resources, after: resources },
  idleInTransaction: 0,
  heldLeases: [],
  badEnds: [],
  poisoned: [],
  ...more,
});
