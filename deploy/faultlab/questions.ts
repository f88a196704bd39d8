import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '../local/layout';
import type { Draft, Facts, Figure, LedgerLine, ListedGoal } from './facts';
import type { Lab } from './lab';
import { isPassing } from './load/caller';
import type { Client } from './load/world';
import { OPERATIONS, type OperationUse } from './operations';
import type { Wires } from './wires';

const ORGANISATION = '/organisations/:organisationId';

/** What is asked of the healed product and is no operation of the load. */
const ASKED = {
  ListGoals: OPERATIONS.ListGoals,
  GetAttainment: OPERATIONS.GetAttainment,
  ListCharges: { service: 'reporting', http: `GET ${ORGANISATION}/charges`, role: 'operations' },
  GetStatement: { service: 'reporting', http: `GET ${ORGANISATION}/statements/:period`, role: 'operations' },
  RebuildReadModels: { service: 'reporting', http: `POST ${ORGANISATION}/read-models/rebuild`, role: 'operations' },
} as const satisfies Record<string, OperationUse>;

type Body = Readonly<Record<string, unknown>>;
type Said = Pick<Facts, 'figures' | 'listed' | 'ledger' | 'drafts' | 'rebuilt' | 'leaders' | 'unanswered'>;

const LEADING = /^oppi_relay_leading\S* (\d+)/m;
const ANSWER_LIMIT_MS = 10_000;
const TRIES = 10;
const PAUSE_MS = 1_000;
const BEYOND_ALL_MONTHS = '2098-12'; // its draft holds every line that no statement has yet

/** Asks the healed product what it shows its clients. What it does not answer is a finding, not the end of the run. */
export class Questions {
  private readonly unanswered: string[] = [];

  constructor(
    private readonly lab: Lab,
    private readonly wires: Wires,
    private readonly clients: readonly Client[],
  ) {}

  async all(): Promise<Said> {
    const [first] = this.clients as [Client];
    return {
      figures: await this.ofEach((client) => this.figureOf(client)),
      listed: await this.ofEach((client) => this.goalsOf(client)),
      ledger: await this.ofEach((client) => this.linesOf(client)),
      drafts: await this.ofEach((client) => this.draftOf(client)),
      rebuilt: await this.orNothing(() => this.rebuild(first)),
      leaders: await this.leaders(),
      unanswered: this.unanswered,
    };
  }

  private async ofEach<T>(question: (client: Client) => Promise<T[]>): Promise<T[]> {
    const answers: T[] = [];
    for (const client of this.clients) answers.push(...(await this.orNothing(() => question(client))));
    return answers;
  }

  private async orNothing<T>(question: () => Promise<T[]>): Promise<T[]> {
    try {
      return await question();
    } catch (error) {
      this.unanswered.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  }

  private async figureOf(client: Client): Promise<Figure[]> {
    const body = await this.ask(client, 'GetAttainment', {});
    const { agreed, attained, withdrawn } = body['attainment'] as Omit<Figure, 'organisationId'>;
    return [{ organisationId: client.organisationId, agreed, attained, withdrawn }];
  }

  private goalsOf(client: Client): Promise<ListedGoal[]> {
    return this.pages(client, 'ListGoals', 'goals');
  }

  private linesOf(client: Client): Promise<LedgerLine[]> {
    return this.pages(client, 'ListCharges', 'lines');
  }

  private async draftOf(client: Client): Promise<Draft[]> {
    const body = await this.ask(client, 'GetStatement', { period: BEYOND_ALL_MONTHS });
    const { netMinor } = body['statement'] as Draft;
    return [{ organisationId: client.organisationId, netMinor }];
  }

  private async rebuild(client: Client): Promise<Facts['rebuilt'][number][]> {
    const body = await this.ask(client, 'RebuildReadModels', {}, `rebuilt-${Date.now()}`);
    const models = body['readModels'] as { name: string; equal: boolean }[];
    return models.map(({ name, equal }) => ({ service: 'reporting' as const, name, equal }));
  }

  /** How many processes of each service believe that they lead its relay. */
  private async leaders(): Promise<Facts['leaders']> {
    const counts = SERVICES.map(async (service) => {
      const led = await Promise.all(this.lab.of(service).map(({ lines }) => this.leads(lines.http.port)));
      return { service, count: led.reduce((sum, one) => sum + one, 0) };
    });
    return Promise.all(counts);
  }

  private async leads(port: number): Promise<number> {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const [found = 0] = await this.orNothing(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal });
      return [Number(LEADING.exec(await answer.text())?.[1] ?? 0)];
    });
    return found;
  }

  private async pages<T>(client: Client, name: keyof typeof ASKED, list: string): Promise<T[]> {
    const found: T[] = [];
    let cursor: unknown;
    do {
      const body = await this.ask(client, name, { limit: 200, ...(cursor !== undefined && { cursor }) });
      const { organisationId } = client;
      found.push(...(body[list] as T[]).map((each) => ({ ...each, organisationId })));
      cursor = body['nextCursor'];
    } while (cursor !== undefined);
    return found;
  }

  private async ask(client: Client, rpc: keyof typeof ASKED, input: Body, key?: string): Promise<Body> {
    const use = ASKED[rpc];
    const [process] = this.lab.of(use.service);
    if (!process) throw new Error(`No process of ${use.service} runs.`);
    const { organisationId } = client;
    const request = { rpc, use, role: use.role, organisationId, input: { organisationId, ...input }, key };
    // A busy machine may take longer than a caller waits.
    let answer = await this.wires.call(process, 'rest', request);
    for (let tries = 1; tries < TRIES && isPassing(answer); tries += 1) {
      await sleep(PAUSE_MS);
      answer = await this.wires.call(process, 'rest', request);
    }
    if (answer.outcome !== 'ok') throw new Error(`${rpc} says ${answer.status} ${answer.code} after healing`);
    return answer.body ?? {};
  }
}
