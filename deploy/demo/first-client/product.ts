import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { CoachingServiceClient } from '@oppi/contracts/coaching/v1/coaching_service';
import { GoalServiceClient, ImportItem } from '@oppi/contracts/goal/v1/goal_service';
import { ReportingServiceClient } from '@oppi/contracts/reporting/v1/reporting_service';
import { TimeAllocationServiceClient } from '@oppi/contracts/time_allocation/v1/time_allocation_service';
import type { Endpoints } from '../../local/endpoints';
import type { Role } from '../../local/roles';
import { tokenFor } from '../../local/tokens';
import type { Batch } from './history';

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  done: (error: ServiceError | null, response: Response) => void,
) => unknown;

/** As the local issuer mints them: a role's token, of another person when one is named. */
export type As = Role | Readonly<{ role: Role; sub: string }>;

const DEADLINE_MS = 30_000;
const PATIENCE_MS = 60_000;

const isCode = (error: unknown, code: status): boolean => (error as ServiceError | null)?.code === code;

/** The running product over gRPC, spoken to as the people of the demo client and of the provider would. */
export class Product {
  readonly goal: GoalServiceClient;
  readonly time: TimeAllocationServiceClient;
  readonly coaching: CoachingServiceClient;
  readonly reporting: ReportingServiceClient;
  readonly organisationId: string;

  constructor(private readonly endpoints: Endpoints) {
    const { grpc, demoOrganisationId } = endpoints;
    this.organisationId = demoOrganisationId;
    this.goal = new GoalServiceClient(grpc.goal, credentials.createInsecure());
    this.time = new TimeAllocationServiceClient(grpc['time-allocation'], credentials.createInsecure());
    this.coaching = new CoachingServiceClient(grpc.coaching, credentials.createInsecure());
    this.reporting = new ReportingServiceClient(grpc.reporting, credentials.createInsecure());
  }

  close(): void {
    for (const client of [this.goal, this.time, this.coaching, this.reporting]) client.close();
  }

  /** One call. What a service has not heard of yet is asked again for a while: facts need a moment from one to the other. */
  async call<Request, Response>(
    rpc: Unary<Request, Response>,
    request: Request,
    as: As = 'operations',
  ): Promise<Response> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.callOnce(rpc, request, as);
      } catch (error) {
        if (!isUnknownYet(error) || performance.now() > end) throw error;
        await sleep(100);
      }
    }
  }

  /** The answer, or nothing when there is no such thing (yet). */
  async find<Request, Response>(rpc: Unary<Request, Response>, request: Request): Promise<Response | undefined> {
    return this.callOnce(rpc, request, 'operations').catch((error: unknown) => {
      if (!isCode(error, status.NOT_FOUND)) throw error;
      return undefined;
    });
  }

  /** Brings a batch in through goal's bulk import. Throws when an item is refused. */
  async import({ importId, role, items: commands }: Batch): Promise<void> {
    const stream = this.goal.import(await this.as(role));
    const items = commands.map((command) => ImportItem.fromPartial(command));
    const answered = once(stream, 'data');
    stream.write({ organisationId: this.organisationId, importId, firstIndex: '0', items });
    stream.end();
    const [{ results }] = (await answered) as [
      { results: readonly { outcome: string; code?: string; message?: string }[] },
    ];
    const refused = results.find(({ outcome }) => outcome === 'refused');
    if (refused) throw new Error(`The demo client could not be loaded: ${refused.code}: ${refused.message}`);
  }

  /** Waits until something shows. Throws, naming it, when it does not in a minute. */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (performance.now() > end)
        throw new Error(`The demo client is loaded, but ${what} did not come forward in 60 s.`);
      await sleep(100);
    }
  }

  /** Sets the clocks of all services. One that stands later already is left alone. */
  async setClocks(now: Date): Promise<void> {
    const headers = {
      authorization: `Bearer ${await tokenFor(this.endpoints, 'operations')}`,
      'content-type': 'application/json',
    };
    for (const service of Object.keys(this.endpoints.grpc)) {
      const url = `${this.endpoints.api}/${service}/v1/clock`;
      const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ now: now.toISOString() }) });
      if (!answer.ok && answer.status !== 422)
        throw new Error(`The clock of ${service} could not be set: ${answer.status}`);
    }
  }

  private async callOnce<Request, Response>(
    rpc: Unary<Request, Response>,
    request: Request,
    as: As,
  ): Promise<Response> {
    const metadata = await this.as(as);
    return new Promise((resolve, reject) => {
      rpc(request, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });
  }

  private async as(as: As): Promise<Metadata> {
    const { role, ...more } = typeof as === 'string' ? { role: as } : as;
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${await tokenFor(this.endpoints, role, more)}`);
    return metadata;
  }
}

const isUnknownYet = (error: unknown): boolean =>
  isCode(error, status.ABORTED) && /^[a-z]+-unknown-yet: /.test((error as ServiceError).details);
