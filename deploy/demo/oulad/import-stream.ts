import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, type ClientDuplexStream, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { GetImportRequest, GetImportResponse, ImportResponse } from '@oppi/contracts/goal/v1/goal_service';

type ImportRequest<Item> = { organisationId: string; importId: string; firstIndex: string; items: Item[] };

/** The bulk API, the same in every service but for the items. */
export type ImportClient<Item> = Readonly<{
  import(metadata: Metadata): ClientDuplexStream<ImportRequest<Item>, ImportResponse>;
  getImport(
    request: GetImportRequest,
    metadata: Metadata,
    options: Partial<CallOptions>,
    callback: (error: ServiceError | null, response: GetImportResponse) => void,
  ): unknown;
}>;

/** One import at the bulk API. `metadata` is asked anew for every connection, so that a token cannot grow too old. */
export type ImportTarget<Item> = Readonly<{
  client: ImportClient<Item>;
  organisationId: string;
  importId: string;
  metadata: () => Promise<Metadata>;
}>;

/** What to send. `from` gives the items from an index on, the same ones each time. */
export type ImportSource<Item> = Readonly<{ total: number; from: (index: number) => AsyncIterable<Item> }>;

/** The most items a request may hold. */
const chunkSize = 500;
/** Requests without an answer. Enough to keep the server busy, few enough that a break repeats little. */
const chunksInFlight = 12;
const callDeadline = 30_000;
const firstPause = 100;
const longestPause = 5_000;

// A break: the server or the way to it is gone, or busy. What it did before, it did; we ask and go on from there.
const breaks: readonly number[] = [
  status.UNAVAILABLE,
  status.CANCELLED,
  status.INTERNAL, // what a connection reset looks like
  status.UNKNOWN,
  status.ABORTED,
  status.RESOURCE_EXHAUSTED,
  status.DEADLINE_EXCEEDED,
];

// A bug over there is told with a problem's code before the words; what grpc-js itself says of a connection is not.
const isBug = ({ code, details }: ServiceError): boolean =>
  code === status.INTERNAL && /^[a-z]+(-[a-z]+)*: /.test(details);
/** A bug may come of the moment, such as one when the service stops; more of them in a row without a step forward do not. */
const mostBugs = 3;

const isCallError = (error: unknown): error is ServiceError => typeof (error as ServiceError | null)?.code === 'number';

const isBreak = (error: unknown): error is ServiceError => isCallError(error) && breaks.includes(error.code);

async function* chunked<Item>(
  target: ImportTarget<Item>,
  source: ImportSource<Item>,
  start: number,
): AsyncGenerator<ImportRequest<Item>> {
  const { organisationId, importId } = target;
  let first = start;
  let items: Item[] = [];
  const take = (): ImportRequest<Item> => {
    const request = { organisationId, importId, firstIndex: String(first), items };
    first += items.length;
    items = [];
    return request;
  };
  for await (const item of source.from(start)) if (items.push(item) === chunkSize) yield take();
  if (items.length > 0) yield take();
}

/** Opens one stream and sends all items from `start`; resolves when the server has ended it. Throws what breaks it. */
const sendFrom = async <Item>(
  target: ImportTarget<Item>,
  source: ImportSource<Item>,
  start: number,
  onAnswered: (nextIndex: number) => void,
): Promise<void> => {
  const call = target.client.import(await target.metadata());
  // The end of the call is awaited below; this takes the second error that a call cancelled by ourselves reports.
  call.on('error', () => undefined);
  const ended = new AbortController();
  const fail = (error: Error): void => {
    call.destroy(error);
    call.cancel();
  };
  let answered = start;
  let unanswered = 0;
  call.on('data', ({ firstIndex, results }: ImportResponse) => {
    unanswered--;
    if (Number(firstIndex) !== answered) fail(new Error(`Index ${firstIndex} is answered, but ${answered} was next.`));
    answered += results.length;
    onAnswered(answered);
  });
  const write = async () => {
    const { signal } = ended;
    for await (const request of chunked(target, source, start)) {
      while (unanswered >= chunksInFlight) await once(call, 'data', { signal });
      signal.throwIfAborted();
      unanswered++;
      if (!call.write(request)) await once(call, 'drain', { signal });
    }
    call.end();
  };
  const reading = once(call, 'end').finally(() => ended.abort());
  // A stream that broke stops the writing too and is thrown by the reading; what is left are rows that cannot be read.
  const writing = write().catch((error: unknown) => {
    if (!ended.signal.aborted && !isCallError(error)) fail(error as Error);
  });
  await Promise.all([reading, writing]);
};

/** How far an import came; one the server has not heard of stands at index 0. */
export const statusOf = async <Item>({
  client,
  organisationId,
  importId,
  metadata,
}: ImportTarget<Item>): Promise<GetImportResponse> => {
  const credentials = await metadata();
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + callDeadline };
    client.getImport({ organisationId, importId }, credentials, options, (error, response) => {
      if (!error) resolve(response);
      else if (error.code !== status.NOT_FOUND) reject(error);
      else resolve({ importId, nextIndex: '0', accepted: '0', replayed: '0', refused: '0', refusals: [] });
    });
  });
};

/** What an import tells while it runs. */
export type ImportWatch = Readonly<{
  answered: (nextIndex: number) => void;
  /** The stream broke and is taken up again. */
  broke: (error: ServiceError) => void;
}>;

/**
 * Brings a whole import in, several requests in flight, and gives its final state: a result for every item. Begins where
 * the server says, so it resumes after a break of either side, also in a later process; gives up with the last error
 * when nothing moved for `patience` milliseconds, or when the server told of the same bug again and again. Refusals of the call itself (wrong token, wrong index) throw at once.
 */
export const importAll = async <Item>(
  target: ImportTarget<Item>,
  source: ImportSource<Item>,
  watch: ImportWatch,
  patience = 120_000,
): Promise<GetImportResponse> => {
  let reached = -1;
  let moved = Date.now();
  let pause = firstPause;
  let bugs = 0;
  const reach = (nextIndex: number): void => {
    if (nextIndex <= reached) return;
    reached = nextIndex;
    moved = Date.now();
    pause = firstPause;
    bugs = 0;
    watch.answered(nextIndex);
  };
  for (;;) {
    try {
      const state = await statusOf(target);
      reach(Number(state.nextIndex));
      if (reached >= source.total) return state;
      await sendFrom(target, source, Number(state.nextIndex), reach);
      if (reached >= source.total) continue;
    } catch (error) {
      if (!isBreak(error) || Date.now() - moved > patience) throw error;
      bugs += Number(isBug(error));
      if (bugs === mostBugs) throw error;
      watch.broke(error);
    }
    if (Date.now() - moved > patience) throw new Error('The server ends the import without taking its items.');
    await sleep(pause);
    pause = Math.min(pause * 2, longestPause);
  }
};
