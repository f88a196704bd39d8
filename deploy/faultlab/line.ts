import { connect, createServer, type Server, type Socket } from 'node:net';

/** A connection through the line. */
type Pair = { near: Socket; far: Socket; doomed: boolean; queues: { toFar: Promise<void>; toNear: Promise<void> } };

type Direction = 'toFar' | 'toNear';

// What a commit looks like on PostgreSQL's wire: a statement that appends, publishes or moves a place as one
// transaction of its own, bound by its name, or a plain `commit`.
const NAMES = ['append', 'append-each', 'bus-append', 'relay-move', 'inbox-past'];
const COMMITS = [...NAMES.map((name) => `\0${name}\0`), 'commit\0'].map((text) => Buffer.from(text));
const READY_FOR_QUERY = 0x5a;

const isCommit = (chunk: Buffer): boolean => COMMITS.some((mark) => chunk.includes(mark));

/** Whether PostgreSQL has said that it is done: its last message is five bytes of length and state behind a `Z`. */
const isDone = (chunk: Buffer): boolean => chunk.length >= 6 && chunk[chunk.length - 6] === READY_FOR_QUERY;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A TCP connection's way from one process to another, which can be made as bad as a network gets. Loopback only. */
export class Line {
  private readonly pairs = new Set<Pair>();
  private readonly server: Server;
  private delayMs = 0;
  private dropped = new Set<Direction>();
  private refuses = false;
  private answersToLose = 0;
  /** How many answers to a commit were lost so far. */
  lost = 0;

  private constructor(private readonly target: number) {
    // `allowHalfOpen` is off: when one side ends, the other does.
    this.server = createServer((near) => this.join(near));
  }

  /** Lays a line to a port on 127.0.0.1, where nobody needs to listen yet. */
  static async lay(target: number): Promise<Line> {
    const line = new Line(target);
    await new Promise<void>((resolve, reject) => {
      line.server.once('error', reject);
      line.server.listen(0, '127.0.0.1', resolve);
    });
    return line;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The line is not laid.');
    return address.port;
  }

  /** Breaks every connection; new ones are let in. */
  cut(): void {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** Refuses new connections, and breaks those there are. */
  close(): void {
    this.refuses = true;
    this.cut();
  }

  /** From now on every chunk takes this long, each way. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Swallows everything one way, or both, and keeps the connections open: nobody is told. */
  drop(...directions: readonly Direction[]): void {
    this.dropped = new Set(directions);
  }

  /** The next `count` answers to a commit are swallowed after the server gave them, and their connections break. */
  loseAnswers(count: number): void {
    this.answersToLose = count;
  }

  /** As good as new. Connections that lost bytes on the way are broken: they could not be trusted again. */
  heal(): void {
    if (this.dropped.size > 0) this.cut();
    this.delayMs = 0;
    this.dropped.clear();
    this.refuses = false;
    this.answersToLose = 0;
  }

  async remove(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }

  private join(near: Socket): void {
    near.on('error', () => undefined);
    if (this.refuses) {
      near.destroy();
      return;
    }
    const far = connect(this.target, '127.0.0.1');
    const pair: Pair = { near, far, doomed: false, queues: { toFar: Promise.resolve(), toNear: Promise.resolve() } };
    this.pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk: Buffer) => {
      if (this.answersToLose > 0 && !pair.doomed && isCommit(chunk)) {
        this.answersToLose -= 1;
        pair.doomed = true;
      }
      this.pass(pair, 'toFar', chunk);
    });
    far.on('data', (chunk: Buffer) => {
      if (!pair.doomed) this.pass(pair, 'toNear', chunk);
      else if (isDone(chunk)) {
        this.lost += 1;
        near.destroy();
      }
    });
  }

  private pass(pair: Pair, direction: Direction, chunk: Buffer): void {
    if (this.dropped.has(direction)) return;
    const { delayMs } = this;
    const to = direction === 'toFar' ? pair.far : pair.near;
    const from = direction === 'toFar' ? pair.near : pair.far;
    const send = (): void => {
      if (to.destroyed || to.write(chunk)) return;
      from.pause(); // or a slow reader would fill our memory
      to.once('drain', () => from.resume());
    };
    // Bytes that wait keep their order, also when the delay ends meanwhile.
    const due = performance.now() + delayMs;
    const wait = (): Promise<void> | undefined => (delayMs > 0 ? sleep(due - performance.now()) : undefined);
    pair.queues[direction] = pair.queues[direction].then(wait).then(send);
  }
}
