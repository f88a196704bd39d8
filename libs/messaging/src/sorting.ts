import type { Delivery } from './bus';
import type { Envelope } from './envelope';
import type { Known } from './envelope-reading';
import type { Reading } from './reading';

/** What a message that cannot be read holds up: later ones of its aggregate, or of its whole organisation. */
export type ParkBy = 'subject' | 'organisation';

export type Arrival = Readonly<{ delivery: Delivery; reading: Reading }>;

/** The last place in a source's log that an organisation's messages were taken from. */
export type Mark = Readonly<{ organisationId: string; source: string; position: bigint; index: number }>;

export type Accepted = Readonly<{ envelope: Envelope; value: Uint8Array }>;

export type Parked = Readonly<{
  delivery: Delivery;
  organisationId: string | undefined;
  subject: string | undefined;
  type: string | undefined;
  reason: string;
}>;

/** What is known before a batch: the marks, and the lines with a parked message. */
export type Standing = Readonly<{ marks: readonly Mark[]; held: Iterable<string>; parkBy: ParkBy }>;

/** What becomes of a batch. */
export type Sorted = Readonly<{
  accepted: Accepted[];
  parked: Parked[];
  /** Messages that were there before: a publisher repeated itself. */
  duplicates: number;
  /** Messages of types that nobody handles, by type. */
  passedOver: Map<string, number>;
  /** The marks that moved. */
  marks: Mark[];
}>;

const BEHIND = 'waits behind a parked message';

/** What must stay together in order; undefined when the message names nothing that could be held up. */
export const lineOf = (
  parkBy: ParkBy,
  { organisationId, subject }: { organisationId: string | undefined; subject: string | undefined },
): string | undefined => {
  if (organisationId === undefined) return undefined;
  if (parkBy === 'organisation') return organisationId;
  return subject === undefined ? undefined : `${organisationId} ${subject}`;
};

/** What a message says of its place, as far as that is known. */
export const placeOf = (reading: Reading): Known => (reading.kind === 'refused' ? reading.known : reading.envelope);

/**
 * Decides on each message of a batch, in order. A message at or below its mark was here before: the first appearance of
 * each position follows that of every smaller one, whatever publishers repeat.
 *
 * A message that is refused moves no mark: what cannot be read is not believed about its place either, or one with an
 * invented position would make the next facts of the organisation look like repetitions. Its own repetitions are told
 * from it by their content, where they are parked.
 */
export const sortOut = (arrivals: readonly Arrival[], { parkBy, ...known }: Standing): Sorted => {
  const marks = new Marks(known.marks);
  const held = new Set(known.held);
  const accepted: Accepted[] = [];
  const parked: Parked[] = [];
  const passedOver = new Map<string, number>();
  let duplicates = 0;
  for (const { delivery, reading } of arrivals) {
    const place = placeOf(reading);
    const line = lineOf(parkBy, place);
    if (!(reading.kind === 'refused' ? marks.isAbove(place) : marks.pass(reading.envelope))) {
      duplicates += 1;
    } else if (reading.kind === 'unhandled') {
      passedOver.set(reading.envelope.type, (passedOver.get(reading.envelope.type) ?? 0) + 1);
    } else if (reading.kind === 'event' && (line === undefined || !held.has(line))) {
      accepted.push({ envelope: reading.envelope, value: delivery.value });
    } else {
      parked.push(park(delivery, reading));
      if (line !== undefined) held.add(line);
    }
  }
  return { accepted, parked, duplicates, passedOver, marks: marks.moved() };
};

/** What is known when a batch has been decided on. */
export const standingAfter = ({ marks, held, parkBy }: Standing, { marks: moved, parked }: Sorted): Standing => ({
  marks: [...marks, ...moved],
  held: new Set([...held, ...parked.map((message) => lineOf(parkBy, message)).filter((line) => line !== undefined)]),
  parkBy,
});

const park = (delivery: Delivery, reading: Reading): Parked => {
  const { organisationId, subject, type } = placeOf(reading);
  return { delivery, organisationId, subject, type, reason: reading.kind === 'refused' ? reading.reason : BEHIND };
};

class Marks {
  private readonly marks = new Map<string, Mark>();
  private readonly changed = new Set<string>();

  constructor(marks: readonly Mark[]) {
    marks.forEach((mark) => this.marks.set(`${mark.organisationId} ${mark.source}`, mark));
  }

  /** Whether the place is above its mark; one that is not fully known counts as above. */
  isAbove({ organisationId, source, position, index }: Known): boolean {
    if (organisationId === undefined || source === undefined || position === undefined || index === undefined)
      return true;
    const mark = this.marks.get(`${organisationId} ${source}`);
    return !mark || position > mark.position || (position === mark.position && index > mark.index);
  }

  /** Moves the mark to the place and says true, or false when it is not above. */
  pass(place: Envelope): boolean {
    if (!this.isAbove(place)) return false;
    const { organisationId, source, position, index } = place;
    const id = `${organisationId} ${source}`;
    this.marks.set(id, { organisationId, source, position, index });
    this.changed.add(id);
    return true;
  }

  moved(): Mark[] {
    return [...this.changed].flatMap((id) => this.marks.get(id) ?? []);
  }
}
