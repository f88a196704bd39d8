import type { CommandContext, Event } from '@oppi/event-sourcing';
import { uuidV7 } from './uuid-v7';
import type { SealedText } from './vault';

/** Events for one stream, decided at `expectedVersion` (0: the stream is new). Without events it only has to be there still. */
export type StreamAppend = Readonly<{ streamId: string; expectedVersion: number; events: readonly Event[] }>;

/** What one command writes: all of it, or nothing. `streams[0]` is the one whose new version is the command's answer. */
export type CommandAppend = Readonly<{
  context: CommandContext;
  streams: readonly [StreamAppend, ...StreamAppend[]];
  texts: readonly SealedText[];
}>;

const APPEND = `
  select n, outcome, fingerprint, version, position
  from append_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`;

/** The query that appends a batch; its rows number the commands from 1. */
export const appendCall = (commands: readonly CommandAppend[]) => ({
  name: 'append',
  text: APPEND,
  values: new Columns(commands).values(),
});

/** The arguments of `append_commands`, a column each. */
class Columns {
  private readonly c = {
    organisation: [] as string[],
    command: [] as string[],
    fingerprint: [] as string[],
    version: [] as number[],
    events: [] as number[],
  };
  private readonly s = { n: [] as number[], stream: [] as string[], expected: [] as number[] };
  private readonly e = {
    n: [] as number[],
    stream: [] as string[],
    version: [] as number[],
    id: [] as string[],
    type: [] as string[],
    occurred: [] as string[],
    recorded: [] as string[],
  };
  /** What is stored as JSON: data and meta of each event. */
  private readonly d: object[] = [];
  private readonly t: object[] = [];

  constructor(commands: readonly CommandAppend[]) {
    commands.forEach((command, i) => this.add(command, i + 1));
  }

  private add({ context, streams, texts }: CommandAppend, n: number): void {
    const { c, s } = this;
    const [main] = streams;
    const { organisationId: organisation } = context;
    c.organisation.push(organisation);
    c.command.push(context.commandId);
    c.fingerprint.push(context.fingerprint);
    c.version.push(main.expectedVersion + main.events.length);
    c.events.push(streams.reduce((sum, stream) => sum + stream.events.length, 0));
    const meta = metaOf(context);
    for (const stream of streams) {
      s.n.push(n);
      s.stream.push(stream.streamId);
      s.expected.push(stream.expectedVersion);
      stream.events.forEach((event, i) => {
        this.addEvent(event, { n, context, stream: stream.streamId, version: stream.expectedVersion + i + 1 });
        this.d.push({ data: event.data, meta });
      });
    }
    for (const text of texts) this.t.push({ n, organisation, ...text, sealed: text.sealed.toString('base64') });
  }

  private addEvent({ type }: Event, { n, context, stream, version }: Placed): void {
    const { e } = this;
    e.n.push(n);
    e.stream.push(stream);
    e.version.push(version);
    e.id.push(uuidV7(Date.parse(context.now)));
    e.type.push(type);
    e.occurred.push(context.occurredAt);
    e.recorded.push(context.now);
  }

  /** In the function's order. */
  values(): unknown[] {
    const { c, s, e, d, t } = this;
    return [
      ...[c.organisation, c.command, c.fingerprint, c.version, c.events],
      ...[s.n, s.stream, s.expected],
      ...[e.n, e.stream, e.version, e.id, e.type, e.occurred, e.recorded],
      JSON.stringify(d),
      t.length > 0 ? JSON.stringify(t) : null,
    ];
  }
}

type Placed = { n: number; context: CommandContext; stream: string; version: number };

const metaOf = ({ actor, correlationId, causationId, traceparent }: CommandContext): object => ({
  actor,
  correlationId,
  causationId,
  traceparent,
});
