import type { Database } from '@oppi/database';
import type { CommandContext, Event } from '@oppi/event-sourcing';
import { Coalescer } from './coalescer';
import { uuidV7 } from './uuid-v7';
import type { SealedText } from './vault';

/** Events for one stream, decided at `expectedVersion` (0: the stream is new). */
export type StreamAppend = Readonly<{ streamId: string; expectedVersion: number; events: readonly Event[] }>;

/** What one command writes: all of it, or nothing. `streams[0]` is the one whose new version is the command's answer. */
export type CommandAppend = Readonly<{
  context: CommandContext;
  streams: readonly [StreamAppend, ...StreamAppend[]];
  texts: readonly SealedText[];
}>;

export type AppendOutcome =
  | { outcome: 'appended'; version: number; position: bigint }
  | { outcome: 'duplicate'; fingerprint: string; version: number; position: bigint }
  | { outcome: 'clash' }
  | { outcome: 'failed'; error: Error };

type OutcomeRow = {
  n: number;
  outcome: 'appended' | 'duplicate' | 'clash';
  fingerprint: string;
  version: number;
  position: string;
};

const MOST_COMMANDS = 256;

/** Appends commands in batches, one round trip each; what fails in a batch fails alone. */
export class Appender {
  private readonly coalescer: Coalescer<CommandAppend, AppendOutcome>;

  constructor(private readonly database: Pick<Database, 'query'>) {
    this.coalescer = new Coalescer({
      run: (commands) => this.appendOrIsolate(commands),
      claims: ({ context, streams }) => [
        `${context.organisationId} key ${context.commandId}`,
        ...streams.map((stream) => `${context.organisationId} ${stream.streamId}`),
      ],
      most: MOST_COMMANDS,
      // The second call is prepared while the first holds the append lock.
      concurrency: 2,
    });
  }

  append(command: CommandAppend): Promise<AppendOutcome> {
    return this.coalescer.submit(command);
  }

  /** Data that the database refuses (class 22, 23) must not fail its neighbours: then each command goes alone. */
  private async appendOrIsolate(commands: CommandAppend[]): Promise<AppendOutcome[]> {
    try {
      return await this.appendBatch(commands);
    } catch (error) {
      if (commands.length === 1 || !isDataError(error)) throw error;
    }
    return Promise.all(
      commands.map(async (command) => {
        try {
          return (await this.appendBatch([command]))[0] as AppendOutcome;
        } catch (error) {
          return { outcome: 'failed' as const, error: error as Error };
        }
      }),
    );
  }

  private async appendBatch(commands: CommandAppend[]): Promise<AppendOutcome[]> {
    const { rows } = await this.database.query<OutcomeRow>({
      name: 'append',
      text: 'select n, outcome, fingerprint, version, position from append_commands($1, $2, $3, $4)',
      values: parametersOf(commands),
    });
    const outcomes = new Array<AppendOutcome>(commands.length);
    for (const { n, outcome, fingerprint, version, position } of rows)
      outcomes[n] = outcome === 'clash' ? { outcome } : { outcome, fingerprint, version, position: BigInt(position) };
    return outcomes;
  }
}

const isDataError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code);

/** The four JSON parameters of `append_commands`: commands, streams, events, texts. */
const parametersOf = (commands: CommandAppend[]): [string, string, string, string | null] => {
  const c: object[] = [];
  const s: object[] = [];
  const e: object[] = [];
  const t: object[] = [];
  commands.forEach(({ context, streams, texts }, n) => {
    const organisation = context.organisationId;
    const [main] = streams;
    c.push({
      n,
      organisation,
      command: context.commandId,
      fingerprint: context.fingerprint,
      version: main.expectedVersion + main.events.length,
      events: streams.reduce((sum, stream) => sum + stream.events.length, 0),
    });
    for (const { streamId, expectedVersion, events } of streams) {
      s.push({ n, organisation, stream: streamId, expected: expectedVersion });
      events.forEach((event, i) =>
        e.push(eventRow({ n, context, stream: streamId, version: expectedVersion + i + 1 }, event)),
      );
    }
    for (const text of texts) t.push({ n, organisation, ...text, sealed: text.sealed.toString('base64') });
  });
  return [JSON.stringify(c), JSON.stringify(s), JSON.stringify(e), t.length > 0 ? JSON.stringify(t) : null];
};

type Placed = { n: number; context: CommandContext; stream: string; version: number };

const eventRow = ({ n, context, stream, version }: Placed, event: Event): object => ({
  n,
  organisation: context.organisationId,
  stream,
  version,
  id: uuidV7(Date.parse(context.now)),
  type: event.type,
  data: event.data,
  command: context.commandId,
  meta: {
    actor: context.actor,
    correlationId: context.correlationId,
    causationId: context.causationId,
    traceparent: context.traceparent,
  },
  occurred: context.occurredAt,
  recorded: context.now,
});
