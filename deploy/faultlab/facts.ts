import type { ServiceName } from '../local/layout';
import type { AnswerEntry, CallEntry, Entry, NoteEntry } from './operation-log';

/** A call with what came of it; no answer when its caller never heard one. */
export type CallRecord = Readonly<{ call: CallEntry; answer: AnswerEntry | undefined }>;

export type StoredEvent = Readonly<{
  position: bigint;
  organisationId: string;
  streamId: string;
  version: number;
  eventId: string;
  type: string;
  commandId: string;
  data: Readonly<Record<string, unknown>>;
}>;

export type StoredCommand = Readonly<{ organisationId: string; commandId: string; version: number; position: bigint }>;

/** One service's own log, and how far its relay has told the bus of it. */
export type StoreFacts = Readonly<{
  service: ServiceName;
  events: readonly StoredEvent[];
  commands: readonly StoredCommand[];
  /** Position of the checkpoint for the bus in use. */
  relayed: bigint;
}>;

/** A message where it lies on the bus or in an inbox. */
export type Told = Readonly<{
  place: bigint;
  organisationId: string;
  source: string;
  position: bigint;
  index: number;
  eventId: string;
  type: string;
  subject: string;
  streamVersion: number;
}>;

export type InboxFacts = Readonly<{
  service: ServiceName;
  messages: readonly Told[];
  parked: readonly Readonly<{ organisationId: string | null; subject: string | null; reason: string }>[];
}>;

export type BusFacts = Readonly<{ topic: string; messages: readonly Told[]; unreadable: number }>;

/** Figures of an organisation as reporting says them. */
export type Figure = Readonly<{ organisationId: string; agreed: number; attained: number; withdrawn: number }>;

/** A line of an organisation's ledger as reporting lists it. */
export type LedgerLine = Readonly<{
  organisationId: string;
  lineId: string;
  kind: 'charge' | 'reversal';
  goalId: string;
  outcomeNo: number;
  amountMinor: string;
}>;

/** What the statement of an organisation would say now. */
export type Draft = Readonly<{ organisationId: string; netMinor: string }>;

/** A goal as the list of the goal service shows it. */
export type ListedGoal = Readonly<{ organisationId: string; goalId: string; status: string; version: number }>;

export type Resources = Readonly<{ process: string; pid: number; rssBytes: number; descriptors: number }>;

/** All that the checks judge from, gathered after the faults are healed and the product is quiet. */
export type Facts = Readonly<{
  records: readonly CallRecord[];
  notes: readonly NoteEntry[];
  stores: readonly StoreFacts[];
  inboxes: readonly InboxFacts[];
  bus: readonly BusFacts[];
  figures: readonly Figure[];
  listed: readonly ListedGoal[];
  ledger: readonly LedgerLine[];
  drafts: readonly Draft[];
  /** What a rebuild found of each read model. */
  rebuilt: readonly Readonly<{ service: ServiceName; name: string; equal: boolean }>[];
  /** How long after healing everything was drained and every probe green; what was not, when it never was. */
  quiet: Readonly<{ afterMs: number; limitMs: number; left: readonly string[] }>;
  /** What it was asked after healing and did not answer. */
  unanswered: readonly string[];
  /** How long a failure may take to be told. */
  patienceMs: number;
  /** Where a personal text was found in the clear. */
  plaintext: readonly string[];
  /** Processes that lead the relay of a service. */
  leaders: readonly Readonly<{ service: ServiceName; count: number }>[];
  resources: Readonly<{ before: readonly Resources[]; after: readonly Resources[] }>;
  /** Sessions of the database that wait inside a transaction. */
  idleInTransaction: number;
  /** Leases still held after all services were ended by SIGTERM. */
  heldLeases: readonly string[];
  /** How the services ended then, where it was not well. */
  badEnds: readonly string[];
  /** Organisations that poison was published for, whose own figures may be incomplete. */
  poisoned: readonly string[];
}>;

/** Joins calls and answers. */
export const recordsOf = (entries: readonly Entry[]): CallRecord[] => {
  const answers = new Map<number, AnswerEntry>();
  for (const entry of entries) if (entry.entry === 'answer') answers.set(entry.n, entry);
  return entries.flatMap((entry) => (entry.entry === 'call' ? [{ call: entry, answer: answers.get(entry.n) }] : []));
};

export const notesOf = (entries: readonly Entry[]): NoteEntry[] => entries.filter((entry) => entry.entry === 'note');
