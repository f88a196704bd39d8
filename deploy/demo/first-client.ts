import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata, status, type CallOptions, type ServiceError } from '@grpc/grpc-js';
import { GoalServiceClient, ImportItem, type GetGoalResponse } from '@oppi/contracts/goal/v1/goal_service';
import { ReportingServiceClient, type Attainment } from '@oppi/contracts/reporting/v1/reporting_service';
import { DateTime } from 'luxon';
import type { Endpoints } from '../local/endpoints';
import type { Role } from '../local/roles';
import { tokenFor } from '../local/tokens';
import { criterion, dateOf, HISTORY, id, imports, LIVE, ZONE, type Command } from './first-client-history';

/** Tells how far the loading came. */
export type Say = (detail: string) => void;

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  done: (error: ServiceError | null, response: Response) => void,
) => unknown;

const call = <Request, Response>(
  rpc: Unary<Request, Response>,
  request: Request,
  metadata: Metadata,
): Promise<Response> =>
  new Promise((resolve, reject) => {
    rpc(request, metadata, { deadline: Date.now() + 30_000 }, (error, response) =>
      error ? reject(error) : resolve(response),
    );
  });

const notFound = (error: unknown): undefined => {
  if ((error as ServiceError).code !== status.NOT_FOUND) throw error;
  return undefined;
};

/** Loads the demo client through the public API, as the people who would do it. */
class Loading {
  private readonly goals: GoalServiceClient;
  private readonly reports: ReportingServiceClient;
  private readonly organisationId: string;

  constructor(private readonly endpoints: Endpoints) {
    this.organisationId = endpoints.demoOrganisationId;
    this.goals = new GoalServiceClient(endpoints.grpc.goal, credentials.createInsecure());
    this.reports = new ReportingServiceClient(endpoints.grpc.reporting, credentials.createInsecure());
  }

  async run(say: Say): Promise<void> {
    if (await this.isComplete()) {
      say('waiting for the report');
      await this.until('the report', async () => (await this.report()) !== undefined);
      return;
    }
    const day = await this.firstDay();
    say('organisation');
    await this.register();
    for (const [index, [role, items]] of imports(day).entries()) {
      say(`${items.length} commands of the role ${role}`);
      await this.import(`first-client-${index}`, role, items);
    }
    say('a goal that falls overdue');
    await this.liveGoal();
    say('waiting for the report');
    await this.until('the report', async () => (await this.report())?.overdue === 1);
  }

  close(): void {
    this.goals.close();
    this.reports.close();
  }

  private async as(role: Role): Promise<Metadata> {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${await tokenFor(this.endpoints, role)}`);
    return metadata;
  }

  private async goal(key: string): Promise<GetGoalResponse | undefined> {
    const { organisationId } = this;
    const rpc = this.goals.getGoal.bind(this.goals);
    return call(rpc, { organisationId, goalId: id('goal', key) }, await this.as('operations')).catch(notFound);
  }

  /** The live goal comes last, and leaves `overdue` only for an outcome. */
  private async isComplete(): Promise<boolean> {
    const last = await this.goal(LIVE.key);
    return last !== undefined && !['proposed', 'agreed'].includes(last.status);
  }

  /** A loading that was interrupted goes on with the dates it began with, else its commands would not be the same. */
  private async firstDay(): Promise<DateTime> {
    const [first] = HISTORY;
    const known = await this.goal(first.key);
    const today = DateTime.now().setZone(ZONE).startOf('day');
    return known ? DateTime.fromISO(known.dueOn, { zone: ZONE }).minus({ days: first.due }) : today;
  }

  private async register(): Promise<void> {
    const { organisationId } = this;
    const request = { requestId: `first-client-${organisationId}`, organisationId, timeZone: ZONE, currency: 'EUR' };
    await call(this.goals.registerOrganisation.bind(this.goals), request, await this.as('operations'));
  }

  private async import(importId: string, role: Role, commands: readonly Command[]): Promise<void> {
    const stream = this.goals.import(await this.as(role));
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

  /** Due today, agreed by both sides, and then midnight comes: the settable clock of local runs makes it so. */
  private async liveGoal(): Promise<void> {
    const today = DateTime.now().setZone(ZONE).startOf('day');
    const known = await this.goal(LIVE.key);
    const dueOn = known?.dueOn ?? dateOf(today, 0);
    const ids = { organisationId: this.organisationId, goalId: id('goal', LIVE.key) };
    const of = { personId: id('person', LIVE.person), teamId: id('team', LIVE.team), statement: LIVE.statement };
    const proposal = {
      ...ids,
      ...of,
      dueOn,
      criteria: [criterion],
      milestones: [],
      activities: [],
      dateUnknown: false,
    };
    const propose = this.goals.proposeGoal.bind(this.goals);
    const agree = this.goals.agreeGoal.bind(this.goals);
    await call(propose, { requestId: 'first-client-live-proposal', ...proposal }, await this.as('operations'));
    for (const role of ['operations', 'sponsor'] as const)
      await call(agree, { requestId: `first-client-live-${role}`, ...ids, dateUnknown: false }, await this.as(role));
    await this.setClocks(DateTime.fromISO(dueOn, { zone: ZONE }).plus({ days: 1, minutes: 1 }));
    await this.until('the clock', async () => (await this.goal(LIVE.key))?.status !== 'agreed');
  }

  private async setClocks(now: DateTime): Promise<void> {
    if (now.toMillis() < Date.now()) return; // midnight came by itself
    const headers = {
      authorization: `Bearer ${await tokenFor(this.endpoints, 'operations')}`,
      'content-type': 'application/json',
    };
    for (const service of Object.keys(this.endpoints.grpc)) {
      const url = `${this.endpoints.api}/${service}/v1/clock`;
      const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ now: now.toUTC().toISO() }) });
      // Set by an earlier attempt, the clock stands later already.
      if (!answer.ok && answer.status !== 422)
        throw new Error(`The clock of ${service} could not be set: ${answer.status}`);
    }
  }

  /** The organisation's attainment; undefined while reporting has not heard of it. */
  private async report(): Promise<Attainment | undefined> {
    const rpc = this.reports.getAttainmentReport.bind(this.reports);
    const request = { organisationId: this.organisationId };
    const found = await call(rpc, request, await this.as('operations')).catch(notFound);
    return found?.organisation?.attainment;
  }

  private async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + 30_000;
    while (!(await holds())) {
      if (performance.now() > end)
        throw new Error(`The demo client is loaded, but ${what} did not come forward in 30 s.`);
      await sleep(100);
    }
  }
}

/**
 * Loads the demo client unless it is there: an organisation, two teams under a parent, eight invented people, and goals in
 * every state. An interrupted loading is taken up where it stopped. Throws when a command is refused.
 */
export const loadFirstClient = async (endpoints: Endpoints, say: Say): Promise<void> => {
  const loading = new Loading(endpoints);
  try {
    await loading.run(say);
  } finally {
    loading.close();
  }
};
