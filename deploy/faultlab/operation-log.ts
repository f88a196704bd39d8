import { closeSync, fsync, openSync, readFileSync, write } from 'node:fs';
import { promisify } from 'node:util';
import type { ServiceName } from '../local/layout';

/** A call as it is about to be made. */
export type CallEntry = Readonly<{
  entry: 'call';
  n: number;
  at: number;
  service: ServiceName;
  rpc: string;
  organisationId: string;
  /** The idempotency key; absent on reads. */
  key?: string;
  /** Set when the key is known to belong to another command: this one must be refused. */
  misuse?: true;
  wire: 'rest' | 'grpc';
  process: string;
  input: Readonly<Record<string, unknown>>;
}>;

/**
 * What came of it. `refused`: the service said no, for good. `unavailable`: it said "not now", which may come after the
 * deed. `unknown`: no answer came. `broken`: an answer that the error table does not have, or an internal error.
 */
export type Outcome = 'ok' | 'refused' | 'unavailable' | 'unknown' | 'broken';

export type AnswerEntry = Readonly<{
  entry: 'answer';
  n: number;
  at: number;
  outcome: Outcome;
  /** The HTTP status or the gRPC code. */
  status?: number;
  code?: string;
  version?: number;
  position?: string;
  replayed?: boolean;
  /** What of another organisation the answer showed. */
  leaked?: string;
}>;

/** Something that was done to the product, or a phase of the run. */
export type NoteEntry = Readonly<{ entry: 'note'; at: number; what: string; detail?: string }>;

export type Entry = CallEntry | AnswerEntry | NoteEntry;

const writeAsync = promisify(write);
const fsyncAsync = promisify(fsync);

/**
 * The record the checker judges from: each call lies on the disk before it is made, each answer before the next call of the
 * same caller. Entries that wait for the disk together go out together.
 */
export class OperationLog {
  private readonly file: number;
  private waiting: string[] = [];
  private flushing: Promise<void> | undefined;
  private next = 0;

  constructor(readonly path: string) {
    this.file = openSync(path, 'a', 0o600);
  }

  number(): number {
    this.next += 1;
    return this.next;
  }

  /** Resolves when the entry is on the disk. */
  async add(entry: Entry): Promise<void> {
    this.waiting.push(`${JSON.stringify(entry)}\n`);
    // Whatever is being flushed now was taken before this entry came.
    await this.flushing;
    this.flushing ??= this.flush();
    await this.flushing;
  }

  async close(): Promise<void> {
    await this.flushing;
    closeSync(this.file);
  }

  private async flush(): Promise<void> {
    const lines = this.waiting.splice(0);
    try {
      if (lines.length === 0) return;
      await writeAsync(this.file, lines.join(''));
      await fsyncAsync(this.file);
    } finally {
      this.flushing = undefined;
    }
  }
}

export const readOperationLog = (path: string): Entry[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
