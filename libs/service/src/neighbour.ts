import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { DomainError } from '@oppi/event-sourcing';
import { currentAuthorization } from './authorization';
import { currentPatience } from './patience';
import { TooSlow } from './problem';
import { currentTrace, traceparentOf } from './trace';

/** An rpc as the generated contracts describe it. */
export type Question<Q, A> = Readonly<{
  path: string;
  requestSerialize: (request: Q) => Buffer;
  responseDeserialize: (bytes: Buffer) => A;
}>;

const FAILURES_IN_A_ROW = 3;
const SPARED_MS = 5_000;
/** Of what its caller waits for, the part that a service keeps for its own answer. */
const KEPT_MS = 50;

/** What a client of a neighbour is made with: one that was down is tried again soon, not after two minutes. */
export const NEIGHBOUR_CHANNEL = { 'grpc.max_reconnect_backoff_ms': 2_000 };

/**
 * Another service, asked over gRPC as the caller: with the caller's authorization and trace, and for no longer than the
 * caller waits. After three questions in a row that nobody answered it is spared for five seconds, so that a hanging neighbour slows down few.
 */
export class Neighbour {
  private readonly counts = { asked: 0, unanswered: 0, spared: 0 };
  private failures = 0;
  private sparedUntil = 0;

  constructor(
    private readonly options: Readonly<{
      /** As figures name it. */
      name: string;
      client: Client;
      deadlineMs: number;
    }>,
  ) {}

  /**
   * The answer. Throws `unavailable` when there was none in time, and `TooSlow`, without asking, when the caller's time is
   * over; a refusal comes as the `ServiceError` it is.
   */
  async ask<Q, A>(question: Question<Q, A>, request: Q): Promise<A> {
    const leftMs = (currentPatience()?.leftMs ?? Infinity) - KEPT_MS;
    if (leftMs <= 0) throw new TooSlow();
    if (performance.now() < this.sparedUntil) {
      this.counts.spared += 1;
      throw unavailable();
    }
    this.counts.asked += 1;
    try {
      const answer = await this.send(question, request, Math.min(this.options.deadlineMs, leftMs));
      this.failures = 0;
      return answer;
    } catch (error) {
      if (!isSilence(error)) {
        this.failures = 0;
        throw error;
      }
      this.counts.unanswered += 1;
      // Whoever waits too short a time proves nothing, and must not have the neighbour spared for all.
      if (!isTimeout(error) || leftMs >= this.options.deadlineMs) this.failures += 1;
      if (this.failures >= FAILURES_IN_A_ROW) this.sparedUntil = performance.now() + SPARED_MS;
      throw unavailable();
    }
  }

  metrics(): Record<string, number> {
    const { asked, unanswered, spared } = this.counts;
    const { name } = this.options;
    return {
      [`${name}_asked_total`]: asked,
      [`${name}_unanswered_total`]: unanswered,
      [`${name}_spared_total`]: spared,
    };
  }

  close(): Promise<void> {
    this.options.client.close();
    return Promise.resolve();
  }

  private send<Q, A>(
    { path, requestSerialize, responseDeserialize }: Question<Q, A>,
    request: Q,
    deadlineMs: number,
  ): Promise<A> {
    const { client } = this.options;
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadataOfCaller(),
        { deadline: Date.now() + deadlineMs },
        (error, answer) => {
          if (error) reject(error);
          else resolve(answer as A);
        },
      );
    });
  }
}

const metadataOfCaller = (): Metadata => {
  const metadata = new Metadata();
  const authorization = currentAuthorization();
  const trace = currentTrace();
  if (authorization !== undefined) metadata.set('authorization', authorization);
  if (trace) metadata.set('traceparent', traceparentOf(trace));
  return metadata;
};

const isTimeout = (error: unknown): boolean => (error as Partial<ServiceError>).code === status.DEADLINE_EXCEEDED;
const isSilence = (error: unknown): boolean =>
  isTimeout(error) || (error as Partial<ServiceError>).code === status.UNAVAILABLE;

const unavailable = (): DomainError =>
  new DomainError('unavailable', 'dependency-unavailable', 'Another service does not answer.');
