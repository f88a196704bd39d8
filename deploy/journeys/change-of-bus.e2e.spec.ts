import { rm } from 'node:fs/promises';
import { describeIfAvailable } from '@oppi/testing';
import { Client as Postgres } from 'pg';
import type { BusName } from '../local/bus';
import { freePortBase } from '../local/ports';
import { type Stack, startStack } from '../local/stack';
import { temporaryFolder } from '../local/temporary-folder';
import { Client } from './client';
import { aLearner, anAgreedGoal, aTeam, attain, type Figure, figure } from './goal-steps.fixtures';
import { whyNoKafka } from './on-each-bus.fixtures';
import { daysAgo, eventually } from './scene.fixtures';

jest.setTimeout(600_000); // ms: the whole product starts four times, perhaps beside much other work

type Counts = Figure['attainment'];
type ReadModel = { name: string; equal: boolean };

/** Without the rates, which follow from them. */
const countsOf = ({ agreed, attained, missed, withdrawn, overdue, open }: Counts): Counts => ({
  ...{ agreed, attained, missed },
  ...{ withdrawn, overdue, open },
});

describeIfAvailable('one folder on one bus and the other by turns', whyNoKafka === undefined, whyNoKafka ?? '', () => {
  let folder: string;
  let portBase: string;

  beforeAll(async () => {
    folder = temporaryFolder('buses');
    portBase = await freePortBase();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const withProduct = async <T>(bus: BusName, empty: boolean, work: (stack: Stack) => Promise<T>): Promise<T> => {
    const stack = await startStack({ folder, portBase, bus, empty });
    try {
      return await work(stack);
    } finally {
      await stack.stop();
    }
  };

  const clientOf = ({ endpoints }: Stack): Client => new Client(endpoints, endpoints.demoOrganisationId);

  /** One more goal attained at the demo client. Its facts come last, so whoever shows them has taken in all that came before. */
  const attainOneMore = async (stack: Stack, before: Counts): Promise<Counts> => {
    const client = clientOf(stack);
    const teamId = await aTeam(client, 'Newcomers');
    const personId = await aLearner(client, teamId, daysAgo(0));
    await attain(client, await anAgreedGoal(client, { personId, teamId, occurredAt: daysAgo(0) }), daysAgo(0));
    const { attainment } = await eventually(
      () => figure(client),
      (one) => one.attainment.attained > before.attained,
    );
    const now = countsOf(attainment);
    expect(now).toEqual({ ...before, agreed: before.agreed + 1, attained: before.attained + 1 });
    const { readModels } = await client.post<{ readModels: ReadModel[] }>('reporting', '/read-models/rebuild', {});
    expect(readModels.filter(({ equal }) => !equal)).toEqual([]);
    return now;
  };

  /** Facts in reporting's inbox, and how many of them are different ones. */
  const inbox = async ({ databases }: Stack): Promise<{ all: number; different: number }> => {
    const client = new Postgres(databases.reporting);
    await client.connect();
    const { rows } = await client.query<{ all: number; different: number }>(
      `select count(*)::integer as all, count(distinct (event_id, source_index))::integer as different from inbox`,
    );
    await client.end();
    return rows[0] ?? { all: 0, different: 0 };
  };

  it('loses nothing and counts nothing twice, a killed broker included, and what is rebuilt is what lived', async () => {
    let now = await withProduct('embedded', false, async (stack) =>
      countsOf((await figure(clientOf(stack))).attainment),
    );
    for (const bus of ['kafka', 'embedded'] as const)
      now = await withProduct(bus, true, async (stack) => {
        const after = await attainOneMore(stack, now);
        const { all, different } = await inbox(stack);
        expect(all).toBe(different);
        return after;
      });
    await withProduct('kafka', true, async (stack) => {
      const { kafka } = stack.parts; // none where the environment names a cluster, which is not ours to kill
      if (kafka) process.kill(kafka.pid(), 'SIGKILL');
      await attainOneMore(stack, now);
    });
  });
});
