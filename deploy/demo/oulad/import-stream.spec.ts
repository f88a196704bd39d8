import { credentials, Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import type { handleUnaryCall, ServerDuplexStream } from '@grpc/grpc-js';
import {
  type GetImportRequest,
  type GetImportResponse,
  GoalServiceClient,
  GoalServiceService,
  type ImportItem,
  type ImportRequest,
  type ImportResponse,
} from '@oppi/contracts/goal/v1/goal_service';
import { importAll, type ImportTarget } from './import-stream';

type Stream = ServerDuplexStream<ImportRequest, ImportResponse>;
type Behaviour = (request: ImportRequest, stream: Stream, answer: () => void) => void;

/** A bulk API over the real wire that only counts what came in. What it counted outlives the server, as a database does. */
class CountingApi {
  readonly received: string[] = [];
  tokens: string[] = [];
  streams = 0;
  behaviour: Behaviour = (_request, _stream, answer) => answer();
  port = 0;
  private server = new Server();

  async start(): Promise<void> {
    this.server = new Server();
    // Only the two calls of an import are there; any other is UNIMPLEMENTED.
    const { import: importCall, getImport } = GoalServiceService;
    this.server.addService({ import: importCall, getImport }, { import: this.import, getImport: this.getImport });
    this.port = await new Promise((resolve, reject) => {
      const address = `127.0.0.1:${this.port}`;
      this.server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  kill(): void {
    this.server.forceShutdown();
  }

  private readonly import = (call: Stream): void => {
    this.streams++;
    this.tokens.push(String(call.metadata.get('authorization')[0]));
    call.on('data', (request: ImportRequest) => this.take(request, call));
    call.on('end', () => call.end());
  };

  private take(request: ImportRequest, stream: Stream): void {
    const { firstIndex, items } = request;
    if (stream.cancelled) return;
    if (Number(firstIndex) !== this.received.length) {
      stream.emit('error', { code: status.FAILED_PRECONDITION, details: 'import-index' });
      return;
    }
    this.received.push(...items.map(({ addPerson }) => addPerson?.personId ?? ''));
    const results = items.map(() => ({ outcome: 'accepted', version: 1 }));
    this.behaviour(request, stream, () => stream.write({ firstIndex, results }));
  }

  private readonly getImport: handleUnaryCall<GetImportRequest, GetImportResponse> = ({ request }, reply) => {
    const { importId } = request;
    const accepted = String(this.received.length);
    if (this.received.length === 0) reply({ code: status.NOT_FOUND, details: 'import-not-found' });
    else reply(null, { importId, nextIndex: accepted, accepted, replayed: '0', refused: '0', refusals: [] });
  };
}

const total = 20_250;
const item = (index: number): ImportItem => ({
  addPerson: { requestId: '', organisationId: '', personId: `person ${index}` },
});
let mostRead = 0;
const source = {
  total,
  async *from(index: number): AsyncGenerator<ImportItem> {
    for (let i = index; i < total; i++) {
      mostRead = i;
      yield item(i);
    }
  },
};
const all = Array.from({ length: total }, (_, index) => `person ${index}`);

let api: CountingApi;
let client: GoalServiceClient;
let answered: number[];
let broke: ServiceError[];
let token: number;
const target = (): ImportTarget<ImportItem> => ({
  client,
  organisationId: 'an organisation',
  importId: 'an import',
  metadata: () => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${++token}`);
    return Promise.resolve(metadata);
  },
});
const watch = { answered: (next: number) => answered.push(next), broke: (error: ServiceError) => broke.push(error) };

beforeEach(async () => {
  api = new CountingApi();
  await api.start();
  client = new GoalServiceClient(`127.0.0.1:${api.port}`, credentials.createInsecure());
  [answered, broke, token, mostRead] = [[], [], 0, 0];
});
afterEach(() => {
  client.close();
  api.kill();
});

describe('an import stream', () => {
  it('brings every item in once, in order, in chunks of 500 at most', async () => {
    const sizes: number[] = [];
    api.behaviour = ({ items }, _stream, answer) => {
      sizes.push(items.length);
      answer();
    };
    const state = await importAll(target(), source, watch);
    expect(state).toMatchObject({ nextIndex: String(total), accepted: String(total) });
    expect(api.received).toEqual(all);
    expect([sizes.length, sizes[0], sizes.at(-1)]).toEqual([41, 500, 250]);
    expect([answered[0], answered.at(-1), api.streams, broke]).toEqual([0, total, 1, []]);
  });

  it('sends nothing when everything is there already', async () => {
    await importAll(target(), source, watch);
    await importAll(target(), source, watch);
    expect([api.streams, api.received.length]).toEqual([1, total]);
  });

  it('has several requests in flight, and waits when the server answers none', async () => {
    const held: (() => void)[] = [];
    api.behaviour = (_request, _stream, answer) => void held.push(answer);
    const importing = importAll(target(), source, watch);
    await until(() => held.length === 12);
    await settled(() => mostRead);
    expect(held.length).toBe(12);
    expect(mostRead).toBeLessThan(14 * 500);
    api.behaviour = (_request, _stream, answer) => answer();
    for (const answer of held) answer();
    await importing;
    expect(api.received).toEqual(all);
  });

  it('goes on where the server stands when the stream breaks, each time with a new token', async () => {
    let requests = 0;
    api.behaviour = (_request, stream, answer) => {
      if (++requests % 7 === 0) stream.emit('error', { code: status.UNAVAILABLE, details: 'draining' });
      else answer();
    };
    await importAll(target(), source, watch);
    expect(api.received).toEqual(all);
    expect(broke.map(({ code }) => code)).toEqual(Array(api.streams - 1).fill(status.UNAVAILABLE));
    expect(new Set(api.tokens).size).toBe(api.streams);
    expect(api.streams).toBeGreaterThan(3);
  });

  it('survives a server that is killed in mid-stream after taking items it did not answer', async () => {
    let kills = 0;
    api.behaviour = (_request, _stream, answer) => {
      if (api.received.length < (kills + 1) * 6_000 || kills === 3) return answer();
      kills++;
      api.kill();
      void api.start();
    };
    await importAll(target(), source, watch);
    expect(kills).toBe(3);
    expect(api.received).toEqual(all);
    expect(broke.length).toBeGreaterThanOrEqual(3);
  });

  it('is finished by another client when the first is killed', async () => {
    const first = new GoalServiceClient(`127.0.0.1:${api.port}`, credentials.createInsecure());
    api.behaviour = (_request, _stream, answer) => {
      if (api.received.length >= 8_000) first.close();
      answer();
    };
    const dying = importAll({ ...target(), client: first }, source, { ...watch, answered: () => undefined }, 0);
    // What the first client sees of its own end is not the point; it must only be over.
    await dying.catch(() => undefined);
    const there = api.received.length;
    await importAll(target(), source, watch);
    expect(answered[0]).toBe(there);
    expect(api.received).toEqual(all);
  });

  it('gives up with the last error when nothing moves', async () => {
    api.kill();
    await expect(importAll(target(), source, watch, 0)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  it('gives up soon when the server tells of the same bug again and again', async () => {
    api.behaviour = ({ items }, stream) => {
      api.received.length -= items.length; // nothing was done
      stream.emit('error', { code: status.INTERNAL, details: 'internal: Something went wrong here.' });
    };
    await expect(importAll(target(), source, watch)).rejects.toMatchObject({ code: status.INTERNAL });
    expect(api.streams).toBe(3);
  });

  it('goes on after a bug of the moment, and after connections that are reset however often', async () => {
    let requests = 0;
    api.behaviour = (_request, stream, answer) => {
      const details = ['internal: Something went wrong here.', 'Received RST_STREAM with code 2'][++requests % 5];
      if (details && api.streams < 12) stream.emit('error', { code: status.INTERNAL, details });
      else answer();
    };
    await importAll(target(), source, watch);
    expect(api.received).toEqual(all);
  });

  it('does not repeat a call that is refused', async () => {
    api.behaviour = (_request, stream) =>
      stream.emit('error', { code: status.PERMISSION_DENIED, details: 'not your organisation' });
    await expect(importAll(target(), source, watch)).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    expect(api.streams).toBe(1);
  });

  it('stops when the server answers another index than the next', async () => {
    api.behaviour = (_request, stream) =>
      stream.write({ firstIndex: '500', results: [{ outcome: 'accepted', version: 1 }] });
    await expect(importAll(target(), source, watch)).rejects.toThrow('Index 500 is answered, but 0 was next.');
  });

  it('stops when its rows cannot be read', async () => {
    const failing = {
      total,
      async *from() {
        for (let i = 0; i < 700; i++) yield item(i);
        throw new Error('studentAssessment row 701: no date.');
      },
    };
    await expect(importAll(target(), failing, watch)).rejects.toThrow('studentAssessment row 701: no date.');
  });
});

const until = async (met: () => boolean): Promise<void> => {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Waits until a value has not changed over many turns of the event loop. */
const settled = async (value: () => number): Promise<void> => {
  for (let same = 0, last = value(); same < 50; same = value() === last ? same + 1 : 0) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
