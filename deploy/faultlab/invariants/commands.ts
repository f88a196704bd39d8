import type { CallRecord, Facts, StoredEvent } from '../facts';
import type { AnswerEntry } from '../operation-log';
import { useOf } from '../operations';
import { groupBy, type Invariant } from './invariant';

type Keyed = Readonly<{ name: string; records: readonly CallRecord[]; events: readonly StoredEvent[] }>;

const keyIn = (service: string, organisationId: string, key: string): string => `${service} ${organisationId} ${key}`;

/** The calls under each idempotency key, with the events that bear it. */
const byKey = ({ records, stores }: Facts): Keyed[] => {
  const events = new Map<string, StoredEvent[]>();
  for (const { service, events: stored } of stores)
    for (const [key, group] of groupBy(stored, (event) => keyIn(service, event.organisationId, event.commandId)))
      events.set(key, group);
  const keyed = records.filter(({ call }) => call.key !== undefined && !call.misuse && useOf(call.rpc)?.leaves);
  return [...groupBy(keyed, ({ call }) => keyIn(call.service, call.organisationId, String(call.key)))].map(
    ([name, calls]) => ({ name, records: calls, events: events.get(name) ?? [] }),
  );
};

const acksOf = ({ records }: Keyed) =>
  records.flatMap(({ call, answer }) => (answer?.outcome === 'ok' ? [{ call, answer }] : []));

/** Every acknowledged command is there, with its events at the place that was answered. */
export const acknowledged: Invariant = {
  id: 'I1',
  title: 'no acknowledged command lost',
  check: (facts) => {
    const commands = new Map(
      facts.stores.flatMap(({ service, commands: stored }) =>
        stored.map((command) => [keyIn(service, command.organisationId, command.commandId), command] as const),
      ),
    );
    return byKey(facts).flatMap((keyed) => {
      const stored = commands.get(keyed.name);
      const types = new Set(keyed.events.map(({ type }) => type));
      return acksOf(keyed).flatMap(({ call, answer }) => {
        if (!stored) return [`${call.rpc} ${keyed.name} was answered and is not stored`];
        if (stored.position.toString() !== answer.position || stored.version !== answer.version)
          return [`${call.rpc} ${keyed.name} was answered at ${answer.position}, and lies at ${stored.position}`];
        const missing = useOf(call.rpc)?.leaves?.find((type) => !types.has(type));
        return missing === undefined ? [] : [`${call.rpc} ${keyed.name} left no ${missing}`];
      });
    });
  },
};

/** A refusal after the deed: the second call was decided anew instead of being told what the first one did. */
const refusedAfter = ({ name, records }: Keyed, firstAck: number | undefined): string[] => {
  if (firstAck === undefined) return [];
  const late = records.filter(({ call, answer }) => call.n > firstAck && answer?.outcome === 'refused');
  const [wrong] = late.filter(({ answer }) => !isAboutCaller(answer?.status));
  return wrong ? [`${name} was refused (${wrong.answer?.code}) after it was done`] : [];
};

/** One key, one set of events, one answer, however often it was sent and whatever got lost on the way. */
export const once: Invariant = {
  id: 'I2',
  title: 'no command applied twice',
  check: (facts) =>
    byKey(facts).flatMap((keyed) => {
      const { name, events } = keyed;
      const acks = acksOf(keyed);
      const span = (events.at(-1)?.position ?? 0n) - (events[0]?.position ?? 0n) + 1n;
      const answers = new Set(acks.map(({ answer }) => `${answer.position} ${answer.version}`));
      const fresh = acks.filter(({ answer }) => answer.replayed === false).length;
      return [
        ...(events.length > 0 && span !== BigInt(events.length) ? [`${name} lies in two places`] : []),
        ...(answers.size > 1 ? [`${name} has ${answers.size} answers`] : []),
        ...(fresh > 1 ? [`${name} was done ${fresh} times`] : []),
        ...refusedAfter(keyed, acks[0]?.call.n),
      ];
    }),
};

// A token that a jump of the clocks made invalid says nothing about the command.
const isAboutCaller = (status: number | undefined): boolean => status === 401 || status === 16;

const isInUse = ({ code, status }: AnswerEntry): boolean => code === 'idempotency-key-in-use' || isAboutCaller(status);

/** What was refused, and only refused, is nowhere; and a key in use lets no other command in. */
export const refused: Invariant = {
  id: 'I3',
  title: 'a rejected command left nothing',
  check: (facts) => [
    ...byKey(facts).flatMap(({ name, records, events }) =>
      events.length > 0 && records.every(({ answer }) => answer?.outcome === 'refused')
        ? [`${name} was refused and left ${events.length} events`]
        : [],
    ),
    ...facts.records.flatMap(({ call, answer }) =>
      call.misuse && answer && (answer.outcome === 'ok' || (answer.outcome === 'refused' && !isInUse(answer)))
        ? [`${call.rpc} ${call.key} under a key in use: ${answer.code ?? 'accepted'}`]
        : [],
    ),
  ],
};
