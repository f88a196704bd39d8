import type { Message } from './bus';
import type { Envelope } from './envelope';

/** As much of a refused message as could be read; what is missing or wrong is undefined. */
export type Known = Readonly<{
  [Name in 'organisationId' | 'source' | 'position' | 'index' | 'subject' | 'type']: Envelope[Name] | undefined;
}>;

export type EnvelopeReading =
  | Readonly<{ kind: 'envelope'; envelope: Envelope }>
  /** `reason` names the header and the fault, never the content. */
  | Readonly<{ kind: 'refused'; reason: string; known: Known }>;

const MOST_VALUE_BYTES = 256 * 1024;
export const MOST_HEADERS = 64;
const MOST_HEADER_CHARACTERS = 16 * 1024;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SOURCE = /^\/[a-z][a-z0-9-]{0,62}$/;
const TYPE = /^[a-z][a-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){1,6}$/;
const TOKEN = /^[\x21-\x7e]{1,200}$/;
// Nearly all texts are plain. The others may hold anything but control characters: PostgreSQL cannot store all of them.
const PLAIN = /^[\x20-\x7e]{1,200}$/;
const TEXT = { test: (text: string): boolean => PLAIN.test(text) || /^[^\p{C}]{1,200}$/u.test(text) };
const NUMBER = /^(0|[1-9]\d{0,18})$/;
const TIME = /^(19|2\d)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
const CANONICAL_LENGTH = '2026-01-01T00:00:00.000Z'.length;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Reads the envelope of a message, which anybody may have written: what is not as it must be is refused. */
export const readEnvelope = (message: Message): EnvelopeReading => {
  const read = new Headers(message.headers);
  read.check(sizeFault(message));
  const known = readKnown(read, message.key);
  const rest = readRest(read, known.index);
  if (read.fault !== undefined) return { kind: 'refused', reason: read.fault, known };
  // Without a fault nothing is missing, so every part is defined.
  return { kind: 'envelope', envelope: { ...known, ...rest } as Envelope };
};

const readKnown = (read: Headers, key: string): Known => {
  const organisationId = read.text('ce_organisationid', UUID);
  // A key that names another organisation makes both claims worthless: believing one would let it block a stranger.
  const isAgreed = key === organisationId && read.text('ce_partitionkey', UUID) === key;
  if (organisationId !== undefined && !isAgreed) read.check('the key and the organisation in the headers differ');
  const index = read.number('ce_index', 0n, 9_999n);
  return {
    organisationId: isAgreed ? organisationId : undefined,
    source: read.text('ce_source', SOURCE)?.slice(1),
    position: read.number('ce_position', 1n, 2n ** 63n - 1n),
    index: index === undefined ? undefined : Number(index),
    subject: read.text('ce_subject', TOKEN),
    type: read.text('ce_type', TYPE),
  };
};

const readRest = (read: Headers, index: number | undefined) => {
  if (read.text('ce_specversion', TEXT) !== '1.0') read.check('ce_specversion is not 1.0');
  if (read.text('content-type', TEXT) !== 'application/protobuf')
    read.check('content-type is not application/protobuf');
  const [eventId = '', suffix] = (read.text('ce_id', TOKEN) ?? '').split(':', 2);
  if (!UUID.test(eventId)) read.check('ce_id is malformed');
  if (suffix !== undefined && suffix !== String(index)) read.check('ce_id and ce_index differ');
  const traceparent = read.optional('traceparent', TRACEPARENT);
  return {
    eventId,
    streamVersion: Number(read.number('ce_streamversion', 1n, 2n ** 31n - 1n)),
    actorId: read.text('ce_actorid', TEXT),
    actorRole: read.text('ce_actorrole', TEXT),
    occurredAt: read.time('ce_time'),
    recordedAt: read.time('ce_recordedtime'),
    correlationId: read.text('ce_correlationid', TEXT),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
};

const sizeFault = ({ value, headers }: Message): string | undefined => {
  if (value.byteLength > MOST_VALUE_BYTES) return 'the value is larger than 256 KiB';
  let [count, characters] = [0, 0];
  for (const name in headers) {
    count += 1;
    characters += name.length + (headers[name]?.length ?? 0);
  }
  if (count > MOST_HEADERS) return 'there are more than 64 headers';
  return characters > MOST_HEADER_CHARACTERS ? 'the headers are longer than 16 KiB' : undefined;
};

type Pattern = Readonly<{ test: (text: string) => boolean }>;

/** Reads headers one by one and keeps the first fault; going on finds out what else is known. */
class Headers {
  fault: string | undefined;

  constructor(private readonly headers: Readonly<Record<string, string>>) {}

  check(fault: string | undefined): void {
    this.fault ??= fault;
  }

  text(name: string, pattern: Pattern): string | undefined {
    const value = this.optional(name, pattern);
    if (value === undefined) this.check(`${name} is ${this.headers[name] === undefined ? 'missing' : 'malformed'}`);
    return value;
  }

  /** A wrong one counts as absent: a broken trace is no reason to hold up a fact. */
  optional(name: string, pattern: Pattern): string | undefined {
    const value = this.headers[name]; // no header of ours bears a name that every object has
    return value !== undefined && pattern.test(value) ? value : undefined;
  }

  number(name: string, least: bigint, most: bigint): bigint | undefined {
    const text = this.text(name, NUMBER);
    const value = text === undefined ? undefined : BigInt(text);
    if (value === undefined || (value >= least && value <= most)) return value;
    this.check(`${name} is out of range`);
    return undefined;
  }

  /** Brought to milliseconds, the precision of all our times. */
  time(name: string): string | undefined {
    const text = this.text(name, TIME);
    if (text === undefined) return undefined;
    const date = new Date(text);
    // A 30th of February is rolled over silently; of what is no date at all, this is not a number.
    const isDay = date.getUTCDate() === Number(text.slice(8, 10));
    if (isDay) return text.length === CANONICAL_LENGTH ? text : date.toISOString();
    this.check(`${name} is no time`);
    return undefined;
  }
}
