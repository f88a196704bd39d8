import { randomUUID } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { GoalServiceClient } from '@oppi/contracts/goal/v1/goal_service';
import { ReportingServiceClient } from '@oppi/contracts/reporting/v1/reporting_service';

/** Where to call, as whom. */
export type Target = Readonly<{
  /** Base of goal's REST addresses. */
  goalHttp: string;
  /** `host:port` of gRPC. */
  goalGrpc: string;
  reportingGrpc: string;
  /** Of the role operations, which may act for every organisation here. */
  token: string;
}>;

const DEADLINE_MS = 30_000;

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: { deadline: number },
  done: (error: ServiceError | null, response: Response) => void,
) => unknown;

/** A unary call as a promise. */
export const unary = <Request, Response>(
  rpc: Unary<Request, Response>,
  request: Request,
  metadata: Metadata,
  limitMs = DEADLINE_MS,
): Promise<Response> =>
  new Promise((resolve, reject) => {
    rpc(request, metadata, { deadline: Date.now() + limitMs }, (error, response) =>
      error ? reject(error) : resolve(response),
    );
  });

export const bearer = (token: string): Metadata => {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return metadata;
};

/** Channels of their own, so that calls do not share one connection. */
const CHANNEL = { 'grpc.use_local_subchannel_pool': 1 };
const CHANNELS = 4;

/** Defines teams over gRPC: one event and its key each. */
export const overGrpc = ({ goalGrpc, token }: Target): ((organisationId: string) => Promise<unknown>) => {
  const clients = Array.from(
    { length: CHANNELS },
    () => new GoalServiceClient(goalGrpc, credentials.createInsecure(), CHANNEL),
  );
  const metadata = bearer(token);
  let calls = 0;
  return (organisationId) => {
    const client = clients[calls++ % CHANNELS] as GoalServiceClient;
    const team = { requestId: randomUUID(), organisationId, teamId: randomUUID(), name: 'Claims' };
    return unary(client.defineTeam.bind(client), team, metadata);
  };
};

/** The same over REST, on as many connections as there are callers. */
export const overRest = (
  { goalHttp, token }: Target,
  callers: number,
): ((organisationId: string) => Promise<unknown>) => {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const { hostname, port } = new URL(goalHttp);
  const body = JSON.stringify({ name: 'Claims' });
  const fixed = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': String(body.length),
  };
  return (organisationId) =>
    new Promise((resolve, reject) => {
      const path = `/goal/v1/organisations/${organisationId}/teams/${randomUUID()}`;
      const headers = { ...fixed, 'idempotency-key': randomUUID() };
      const call = httpRequest({ agent, hostname, port, path, method: 'PUT', headers }, (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 200) resolve(undefined);
          else reject(new Error(`goal answered ${response.statusCode}.`));
        });
      });
      call.once('error', reject);
      call.end(body);
    });
};

export const goalClient = ({ goalGrpc }: Target): GoalServiceClient =>
  new GoalServiceClient(goalGrpc, credentials.createInsecure(), CHANNEL);

export const reportingClient = ({ reportingGrpc }: Target): ReportingServiceClient =>
  new ReportingServiceClient(reportingGrpc, credentials.createInsecure(), CHANNEL);
