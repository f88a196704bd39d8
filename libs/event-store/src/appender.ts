import { Coalescer, type Database } from '@oppi/database';
import type { CommandContext } from '@oppi/event-sourcing';
import { AppendCall, type CommandAppend, type StreamAppend } from './append-call';

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

const MOST_COMMANDS = 128;

/** Appends commands in batches, one round trip each; what fails in a batch fails alone. */
export class Appender {
  private readonly coalescer: Coalescer<CommandAppend, AppendOutcome>;

  constructor(private readonly database: Pick<Database, 'query'>) {
    this.coalescer = new Coalescer({
      run: (commands) => this.appendAll(commands),
      claims: ({ context, streams }) => [
        `${context.organisationId} key ${context.commandId}`,
        ...namesOf(context, streams, (events) => events > 0),
      ],
      // Guards let each other be, but not the one who writes: behind a writer of the batch they would not see it.
      shares: ({ context, streams }) => namesOf(context, streams, (events) => events === 0),
      most: MOST_COMMANDS,
      // The second call is prepared while the first holds the append lock.
      concurrency: 2,
    });
  }

  append(command: CommandAppend): Promise<AppendOutcome> {
    return this.coalescer.submit(command);
  }

  /** Nearly always nothing stands in the way, and then this is all, and a quarter or more cheaper than looking first. */
  private async appendAll(commands: CommandAppend[]): Promise<AppendOutcome[]> {
    const call = new AppendCall(commands);
    try {
      const { rows } = await this.database.query<{ head: string }>(call.allOrNone());
      return call.appended(BigInt(rows[0]?.head ?? 0)).map((each) => ({ outcome: 'appended', ...each }));
    } catch (error) {
      if (!isDataError(error)) throw error;
      return this.appendOrIsolate(commands);
    }
  }

  /** Data that the database refuses (class 22, 23) must not fail its neighbours: then each command goes alone. */
  private async appendOrIsolate(commands: CommandAppend[]): Promise<AppendOutcome[]> {
    try {
      return await this.appendEach(commands);
    } catch (error) {
      if (commands.length === 1 || !isDataError(error)) throw error;
    }
    return Promise.all(
      commands.map(async (command) => {
        try {
          return (await this.appendEach([command]))[0] as AppendOutcome;
        } catch (error) {
          return { outcome: 'failed' as const, error: error as Error };
        }
      }),
    );
  }

  private async appendEach(commands: CommandAppend[]): Promise<AppendOutcome[]> {
    const { rows } = await this.database.query<OutcomeRow>(new AppendCall(commands).each());
    const outcomes = new Array<AppendOutcome>(commands.length);
    for (const { n, outcome, fingerprint, version, position } of rows)
      outcomes[n - 1] =
        outcome === 'clash' ? { outcome } : { outcome, fingerprint, version, position: BigInt(position) };
    return outcomes;
  }
}

const namesOf = (
  { organisationId }: CommandContext,
  streams: readonly StreamAppend[],
  which: (events: number) => boolean,
): string[] =>
  streams.filter(({ events }) => which(events.length)).map(({ streamId }) => `${organisationId} ${streamId}`);

const isDataError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code);
