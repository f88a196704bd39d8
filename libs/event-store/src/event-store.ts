import type { Database } from '@oppi/database';
import {
  type CommandContext,
  type Decider,
  DomainError,
  type Event,
  type EventLog,
  type Recorded,
  fold,
  StaleVersion,
} from '@oppi/event-sourcing';
import type { StreamAppend } from './append-call';
import { Appender } from './appender';
import { EventReader, type LoadedStream } from './event-reader';
import { Turns } from './turns';
import type { Text, Vault } from './vault';

/** A stream and how its events make a state. */
export type StreamOf<S, E extends Event> = Readonly<{ id: string; decider: Decider<S, E>; isGuard?: boolean }>;
export const streamOf = <S, E extends Event>(decider: Decider<S, E>, id: string): StreamOf<S, E> => ({ id, decider });

/**
 * A stream that is only read, and that must not have changed when what was decided on it is appended: of two decisions, one
 * on the state of a stream and one that changes it, the later one sees the earlier. Guards do not hold each other up.
 */
export const guard = <S, E extends Event>(stream: StreamOf<S, E>): StreamOf<S, E> & Readonly<{ isGuard: true }> => ({
  ...stream,
  isGuard: true,
});

/** The state of a stream that may never have begun; `version` is then 0. */
export type Loaded<S> = Readonly<{ state: S; version: number }>;

/** The answer to a command. `position` is that of its last event; `replayed` says that an earlier call made it. */
export type Committed = Readonly<{ version: number; position: string; replayed: boolean }>;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the state and events of each stream are inferred by its key
type Streams = Readonly<Record<string, StreamOf<any, any>>>;
type StatesOf<R extends Streams> = { readonly [K in keyof R]: R[K] extends StreamOf<infer S, infer _E> ? S : never };
type EventsOf<R extends Streams> = {
  readonly [K in keyof R]?: R[K] extends { isGuard: true }
    ? never
    : R[K] extends StreamOf<infer _S, infer E>
      ? readonly E[]
      : never;
};

type Work<R extends Streams> = Readonly<{
  context: CommandContext;
  streams: R;
  names: readonly (keyof R & string)[];
  decide: (states: StatesOf<R>) => EventsOf<R>;
  texts: (states: StatesOf<R>) => readonly Text[];
}>;

const TRIES = 3;

/** Streams of events per organisation, on PostgreSQL. The one way to write is `transact`. */
export class EventStore implements EventLog {
  private readonly appender: Appender;
  private readonly reader: EventReader;
  private readonly turns = new Turns();
  private readonly listeners: ((position: bigint) => void)[] = [];
  private appended = 0;
  private clashes = 0;

  constructor(
    database: Database,
    private readonly vault: Vault,
  ) {
    this.appender = new Appender(database);
    this.reader = new EventReader(database);
  }

  /**
   * Decides on the state of some streams of one organisation and appends what was decided, all or nothing. The first
   * stream is the command's own: its version is expected and answered. A `guard` gets no events. `texts` go to the vaults in the same transaction.
   * Returns the stored answer for a key seen before.
   * Throws `idempotency-key-in-use`, `version-stale`, `not-this-workers-business`, or what `decide` throws; then nothing
   * was written.
   */
  async transact<R extends Streams>(
    context: CommandContext,
    streams: R,
    decide: (states: StatesOf<R>) => EventsOf<R>,
    texts: (states: StatesOf<R>) => readonly Text[] = () => [],
  ): Promise<Committed> {
    const names = Object.keys(streams) as (keyof R & string)[];
    const own = `${context.organisationId}/${String(streams[names[0] as string]?.id)}`;
    return this.turns.inTurn(own, async () => {
      for (let attempt = 1; ; attempt += 1) {
        const committed = await this.attempt({ context, streams, names, decide, texts });
        if (committed) return committed;
        this.clashes += 1;
        // A caller that named a version wants to know; everyone else is decided again on the new state.
        if (context.expectedVersion !== undefined || attempt === TRIES) throw new StaleVersion();
      }
    });
  }

  /** One try; undefined when another process wrote one of the streams meanwhile. */
  private async attempt<R extends Streams>(work: Work<R>): Promise<Committed | undefined> {
    const { context, streams, names, decide, texts } = work;
    // 1. One round trip for the key and all streams.
    const { stored, loaded } = await this.reader.load({
      organisationId: context.organisationId,
      commandId: context.commandId,
      streamIds: names.map((name) => (streams[name] as StreamOf<unknown, Event>).id),
    });
    // 2. A command that was answered before is answered the same.
    if (stored) return replayOf(stored, context);
    const own = loaded[0] as LoadedStream;
    if (context.expectedVersion !== undefined && context.expectedVersion !== own.version)
      throw new StaleVersion(own.version);
    // 3. Decide.
    const states = Object.fromEntries(
      names.map((name, i) => [
        name,
        fold((streams[name] as StreamOf<unknown, Event>).decider, loaded[i]?.events ?? []),
      ]),
    ) as StatesOf<R>;
    const appends = appendsOf(work, decide(states), loaded);
    requireAllowed(context, appends);
    const [first, ...rest] = appends;
    if (!first) return { version: own.version, position: own.position.toString(), replayed: false };
    // 4. Append at the versions that were read.
    const plain = texts(states);
    const sealed = plain.length > 0 ? await this.vault.seal(context.organisationId, plain) : [];
    const result = await this.appender.append({ context, streams: [first, ...rest], texts: sealed });
    if (result.outcome === 'failed') throw result.error;
    if (result.outcome === 'clash') return undefined;
    if (result.outcome === 'duplicate') return replayOf(result, context);
    this.appended += 1;
    this.listeners.forEach((listener) => {
      listener(result.position);
    });
    return { version: result.version, position: result.position.toString(), replayed: false };
  }

  /** The state of one stream as it stands. */
  async load<S, E extends Event>(organisationId: string, stream: StreamOf<S, E>): Promise<Loaded<S>> {
    const { loaded } = await this.reader.load({ organisationId, streamIds: [stream.id] });
    const { events, version } = loaded[0] as LoadedStream;
    return { state: fold(stream.decider, events as unknown as E[]), version };
  }

  /** All events of some streams of an organisation, with who and when, in the order of the log. */
  readStreams(organisationId: string, streamIds: readonly string[]): Promise<Recorded[]> {
    return this.reader.readStreams(organisationId, streamIds);
  }

  readAfter(position: bigint, limit: number): Promise<Recorded[]> {
    return this.reader.readAfter(position, limit);
  }

  head(): Promise<bigint> {
    return this.reader.head();
  }

  /** Tells the position of each append of this process, so that whoever reads the log need not wait for its next look. */
  onAppended(listener: (position: bigint) => void): void {
    this.listeners.push(listener);
  }

  metrics(): Record<string, number> {
    return { event_store_commands_total: this.appended, event_store_clashes_total: this.clashes };
  }
}

/** What is written, then the guards of it; nothing when nothing is written. */
const appendsOf = <R extends Streams>(
  { streams, names }: Work<R>,
  decided: Record<string, readonly Event[] | undefined>,
  loaded: readonly LoadedStream[],
): StreamAppend[] => {
  const all = names.map((name, i) => {
    const { id, isGuard = false } = streams[name] as StreamOf<unknown, Event>;
    return { isGuard, streamId: id, expectedVersion: loaded[i]?.version ?? 0, events: decided[name] ?? [] };
  });
  const written = all.filter(({ events }) => events.length > 0);
  if (written.some(({ isGuard }) => isGuard)) throw new Error('A guard is only read: nothing is appended to it.');
  return written.length === 0 ? [] : [...written, ...all.filter(({ isGuard }) => isGuard)];
};

// A worker was made for one thing: what it decides beyond that is a fault, whatever it has read (AUTH-33).
const requireAllowed = ({ actor, mayRecord }: CommandContext, appends: readonly StreamAppend[]): void => {
  if (mayRecord === undefined) return;
  for (const { type } of appends.flatMap(({ events }) => events))
    if (!mayRecord.includes(type))
      throw new DomainError('forbidden', 'not-this-workers-business', `${actor.role} may not record ${type}.`);
};

const replayOf = (
  stored: { fingerprint: string; version: number; position: bigint },
  context: CommandContext,
): Committed => {
  if (stored.fingerprint !== context.fingerprint)
    throw new DomainError(
      'conflict',
      'idempotency-key-in-use',
      'This key was used for another command. Use a new key.',
    );
  return { version: stored.version, position: stored.position.toString(), replayed: true };
};
