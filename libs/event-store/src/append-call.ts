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

const APPEND_NEW = `
  select append_new($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) as head`;

const APPEND_EACH = `
  select n, outcome, fingerprint, version, position
  from append_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`;

/** The queries that append a batch. */
export class AppendCall {
  private readonly c = {
    organisation: [] as string[],
    command: [] as string[],
    fingerprint: [] as string[],
    version: [] as number[],
    events: [] as number[],
    last: [] as number[],
  };
  /** The streams that were decided on, and those of them that are guards. */
  private readonly s = aStreamColumns();
  private readonly g = aStreamColumns();
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
    commands.forEach((command, i) => {
      this.add(command, i + 1);
    });
  }

  /** Answers `head`, the position before the first event; fails as a whole when a single command cannot be appended. */
  allOrNone() {
    const { c, g } = this;
    const commands = [c.organisation, c.command, c.fingerprint, c.version, c.last];
    return { name: 'append', text: APPEND_NEW, values: [...commands, g.n, g.stream, g.expected, ...this.events()] };
  }

  /** Answers an outcome for each command; the rows number them from 1. */
  each() {
    const { c, s } = this;
    const commands = [c.organisation, c.command, c.fingerprint, c.version, c.events];
    return {
      name: 'append-each',
      text: APPEND_EACH,
      values: [...commands, s.n, s.stream, s.expected, ...this.events()],
    };
  }

  /** What `allOrNone` answers says of each command, in their order. */
  appended(head: bigint): { version: number; position: bigint }[] {
    const { version, last } = this.c;
    return version.map((each, i) => ({ version: each, position: head + BigInt(last[i] as number) }));
  }

  private add({ context, streams, texts }: CommandAppend, n: number): void {
    const { c } = this;
    const [main] = streams;
    const { organisationId: organisation } = context;
    c.organisation.push(organisation);
    c.command.push(context.commandId);
    c.fingerprint.push(context.fingerprint);
    c.version.push(main.expectedVersion + main.events.length);
    const before = this.d.length;
    const meta = metaOf(context);
    for (const stream of streams) this.addStream(stream, { n, context, meta });
    c.events.push(this.d.length - before);
    c.last.push(this.d.length);
    for (const text of texts) this.t.push({ n, organisation, ...text, sealed: text.sealed.toString('base64') });
  }

  private addStream({ streamId, expectedVersion, events }: StreamAppend, { n, context, meta }: Placed): void {
    const { s, g, e } = this;
    for (const columns of events.length === 0 ? [s, g] : [s]) {
      columns.n.push(n);
      columns.stream.push(streamId);
      columns.expected.push(expectedVersion);
    }
    events.forEach(({ type, data }, i) => {
      e.n.push(n);
      e.stream.push(streamId);
      e.version.push(expectedVersion + i + 1);
      e.id.push(uuidV7(Date.parse(context.now)));
      e.type.push(type);
      e.occurred.push(context.occurredAt);
      e.recorded.push(context.now);
      this.d.push({ data, meta });
    });
  }

  private events(): unknown[] {
    const { e, d, t } = this;
    return [
      ...[e.n, e.stream, e.version, e.id, e.type, e.occurred, e.recorded],
      JSON.stringify(d),
      t.length > 0 ? JSON.stringify(t) : null,
    ];
  }
}

const aStreamColumns = () => ({ n: [] as number[], stream: [] as string[], expected: [] as number[] });

type Placed = Readonly<{ n: number; context: CommandContext; meta: object }>;

const metaOf = ({ actor, correlationId, causationId, traceparent }: CommandContext): object => ({
  actor,
  correlationId,
  causationId,
  traceparent,
});
