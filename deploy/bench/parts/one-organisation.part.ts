import { openPool } from '@oppi/database';
import type { BusName } from '../../local/bus';
import { type Bench, onEachBus, type Part } from '../part';
import { registerOrganisations, targetOf } from '../product/history';
import type { Product } from '../product/product';
import type { Chapter } from '../report/chapter';
import { rate, ratio } from '../report/text';
import { EVENTS_PER_GOAL, loadGoals } from '../sizes/load-goals';

type Flow = Readonly<{ events: number; perSecond: number }>;

const failLoudly = (error: Error): void => {
  throw error;
};

const measure = async (product: Product, bus: BusName, { effort, say }: Bench): Promise<Flow> => {
  const database = openPool(product.stack.databases.goal, failLoudly, { max: 1 });
  try {
    const [organisationId] = await registerOrganisations(await targetOf(product), 1);
    await product.caughtUp();
    const events = effort.flowEvents;
    say(`${bus}: ${events} events of one organisation`);
    await loadGoals(database, { organisations: [organisationId as string], goals: events / EVENTS_PER_GOAL });
    const began = performance.now();
    await product.caughtUp();
    return { events, perSecond: (events / (performance.now() - began)) * 1_000 };
  } finally {
    await database.end();
  }
};

const run = async (bench: Bench): Promise<Chapter> => {
  const { found, missing } = await onEachBus(bench, (product, bus) => measure(product, bus, bench));
  const { embedded } = found;
  return {
    title: 'All facts of one organisation, which is one key',
    how: [
      `A loader writes ${rate(embedded.events)} events of one organisation straight into goal's log, in one transaction. The clock runs from its commit until all of them lie in reporting's read models: relay, bus, inbox, projections. One organisation is one key and so one partition; more organisations go no slower, and on Kafka spread over twelve.`,
      ...missing,
    ],
    tables: [
      {
        head: ['bus', 'events a second', 'of the embedded bus'],
        rows: Object.entries(found).map(([bus, { perSecond }]) => [
          bus,
          rate(perSecond),
          ratio(perSecond / embedded.perSecond),
        ]),
      },
    ],
    aims: [],
  };
};

export const oneOrganisation: Part = { name: 'one-organisation', title: 'the facts of one organisation', run };
