import { randomUUID } from 'node:crypto';
import type { Endpoints } from '../local/endpoints';
import { type ServiceName, SERVICES } from '../local/layout';
import type { Role } from '../local/roles';
import { tokenFor } from '../local/tokens';

/** A refusal, as problem+json says it. */
class Refused extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
  ) {
    super(`${code} (${status})`);
  }
}

type Call = Readonly<{ role?: Role; sub?: string; traceparent?: string; key?: string }>;

type Request = Call & Readonly<{ method: string; service: string; path: string; body?: object }>;

/** Calls the product over REST, through the proxy, as one client organisation's people and the provider's. */
export class Client {
  constructor(
    private readonly endpoints: Endpoints,
    readonly organisationId: string,
  ) {}

  async get<T>(service: ServiceName, path: string, call: Call = {}): Promise<T> {
    return this.send<T>({ method: 'GET', service, path, ...call });
  }

  /** To goal, unless another service is named. */
  async put(path: string, body: object, call: Call & { service?: ServiceName } = {}): Promise<void> {
    await this.send({ method: 'PUT', service: 'goal', path, body, ...call });
  }

  async post<T>(service: ServiceName, path: string, body: object, call: Call = {}): Promise<T> {
    return this.send<T>({ method: 'POST', service, path, body, ...call });
  }

  /** Sets the clocks of all services forward; answers what they say then. */
  async setClocks(now: string): Promise<string> {
    const authorization = `Bearer ${await tokenFor(this.endpoints, 'operations', {})}`;
    const headers = { authorization, 'content-type': 'application/json' };
    for (const service of SERVICES)
      await fetch(`${this.endpoints.api}/${service}/v1/clock`, {
        method: 'PUT',
        headers,
        body: JSON.stringify({ now }),
      });
    return now;
  }

  private async send<T>(request: Request): Promise<T> {
    const { method, service, path, body, role = 'operations', sub, traceparent, key = randomUUID() } = request;
    const { organisationId } = this;
    const token = await tokenFor(this.endpoints, role, { organisationId, ...(sub && { sub }) });
    const response = await fetch(`${this.endpoints.api}/${service}/v1/organisations/${organisationId}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': key }),
        ...(traceparent && { traceparent }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { code: string };
    if (!response.ok) throw new Refused(answer.code, response.status);
    return answer;
  }
}
