import type { StoredEvent, Told } from '../facts';
import { groupBy, type Invariant } from './invariant';

const gapsIn = (name: string, events: readonly StoredEvent[]): string[] => {
  const streams = groupBy(events, ({ organisationId, streamId }) => `${organisationId} ${streamId}`);
  const faulty = [...streams].filter(([, stream]) => stream.some(({ version }, nth) => version !== nth + 1));
  return faulty.map(
    ([stream, { length }]) => `${name}: the versions of ${stream} are not 1 to ${length}, in their order`,
  );
};

/** Versions of a stream are 1 to n in the order of the log, and the log's own positions are 1 to n. */
export const contiguous: Invariant = {
  id: 'I4',
  title: 'streams and positions contiguous',
  check: ({ stores }) =>
    stores.flatMap(({ service, events }) => {
      const wrong = events.findIndex(({ position }, nth) => position !== BigInt(nth + 1));
      const inLog = wrong === -1 ? [] : [`${service}: position ${events[wrong]?.position} stands ${wrong + 1}th`];
      return [...inLog, ...gapsIn(service, events)];
    }),
};

const isAfter = (one: Told, other: Told): boolean =>
  one.position > other.position || (one.position === other.position && one.index > other.index);

/** Messages that stand behind one they should stand before. */
const disorderIn = (messages: readonly Told[], lineOf: (message: Told) => string): Told[] =>
  [...groupBy(messages, lineOf).values()].flatMap((line) =>
    line.filter((message, nth) => nth > 0 && !isAfter(message, line[nth - 1] as Told)),
  );

/** The first appearance of each message: at least once means that a publisher may repeat itself. */
const firstOf = (messages: readonly Told[]): Told[] => {
  const seen = new Set<string>();
  return messages.filter(({ organisationId, source, position, index }) => {
    const id = `${organisationId} ${source} ${position} ${index}`;
    return !seen.has(id) && seen.add(id);
  });
};

/** Every reader takes in the facts of an aggregate in their order; the bus holds those of an organisation in theirs. */
export const ordered: Invariant = {
  id: 'I5',
  title: 'order per aggregate at each consumer',
  check: ({ inboxes, bus }) => [
    ...inboxes.flatMap(({ service, messages }) =>
      disorderIn(messages, ({ organisationId, source, subject }) => `${organisationId} ${source} ${subject}`).map(
        ({ subject, position }) => `${service} took in ${subject} at ${position} too late`,
      ),
    ),
    ...bus.flatMap(({ topic, messages }) =>
      disorderIn(firstOf(messages), ({ organisationId, source }) => `${organisationId} ${source}`).map(
        ({ subject, position }) => `${topic} holds ${subject} at ${position} too late`,
      ),
    ),
  ],
};
