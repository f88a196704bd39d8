import type { BusFacts, Facts, InboxFacts, StoreFacts, Told } from '../facts';
import { type Invariant } from './invariant';

const factOf = ({ organisationId, source, position, index }: Told): string =>
  `${organisationId} ${source} ${position} ${index}`;

const doublesIn = <T>(items: readonly T[], idOf: (item: T) => string): string[] => {
  const seen = new Set<string>();
  return items.map(idOf).filter((id) => seen.has(id) || !seen.add(id));
};

/** A consumer has a fact once, whether its place or its event id is asked. */
export const takenOnce: Invariant = {
  id: 'I6',
  title: 'no event twice in a projection',
  check: ({ inboxes }) =>
    inboxes.flatMap(({ service, messages }) => [
      ...doublesIn(messages, factOf).map((id) => `${service} has ${id} twice`),
      ...doublesIn(messages, ({ eventId, index, organisationId }) => `${organisationId} ${eventId} ${index}`).map(
        (id) => `${service} has event ${id} twice`,
      ),
    ]),
};

/** The messages on the bus that one store is the source of. */
const toldBy = ({ service }: StoreFacts, bus: readonly BusFacts[]): Told[] =>
  bus.flatMap(({ messages }) => messages.filter(({ source }) => source === service));

const strandedIn = (store: StoreFacts, bus: readonly BusFacts[]): string[] => {
  const { service, events, relayed } = store;
  const told = toldBy(store, bus);
  const places = new Map(told.map(({ position, eventId }) => [position, eventId]));
  // Which types are published at all, the bus itself says: what is private never appears.
  const published = new Set(told.map(({ type }) => type.split('.').at(-1)));
  const head = events.at(-1)?.position ?? 0n;
  return [
    ...(relayed === head ? [] : [`${service}'s relay stands at ${relayed}, its log ends at ${head}`]),
    ...events
      .filter(({ type, position }) => published.has(type) && !places.has(position))
      .map(({ type, position }) => `${service} never published ${type} at ${position}`),
    ...events
      .filter(({ position, eventId }) => places.has(position) && places.get(position) !== eventId)
      .map(({ position }) => `${service} published another event than it stored at ${position}`),
    ...told
      .filter(({ position }) => position > head)
      .map(({ type, position }) => `${service} published ${type} at ${position}, which it does not have`),
  ];
};

/** A consumer has every fact of the types it takes in, or keeps it parked. What is poison has a source of its own. */
const missingIn = ({ service, messages, parked }: InboxFacts, { stores, bus, poisoned }: Facts): string[] => {
  const types = new Set(messages.map(({ type }) => type));
  const sources = new Set<string>(stores.map((store) => store.service));
  const expected = bus.flatMap((topic) =>
    topic.messages.filter(({ type, source }) => types.has(type) && sources.has(source)),
  );
  const have = new Set(messages.map(factOf));
  const missing = new Set(expected.map(factOf).filter((fact) => !have.has(fact)));
  const waiting = parked.filter(({ organisationId }) => !poisoned.includes(organisationId ?? '')).length;
  return missing.size > waiting ? [`${service} lacks ${missing.size} facts and has ${waiting} parked`] : [];
};

/** Published is what is stored, and taken in is what was published. */
export const drained: Invariant = {
  id: 'I8',
  title: 'outbox drained, none stranded',
  check: (facts) => [
    ...facts.stores.flatMap((store) => strandedIn(store, facts.bus)),
    ...facts.inboxes.flatMap((inbox) => missingIn(inbox, facts)),
  ],
};
