import { generate } from '../generator/generate';
import type { Found } from '../generator/jobs';
import type { BusName } from '../../local/bus';
import { type Bench, onEachBus, type Part } from '../part';
import { goalsToAgree, registerOrganisations, targetOf } from '../product/history';
import type { Product } from '../product/product';
import type { Chapter } from '../report/chapter';
import { ms, rate, summaryCells } from '../report/text';

const EVENTS_PER_SECOND = 1_000;
const ORGANISATIONS = 10;
const PROBES = 4;
/** More than a probing organisation can agree to in a second. */
const GOALS_PER_SECOND = 60;
const AIM_MS = 150;

const measure = async (product: Product, bus: BusName, { effort, say }: Bench): Promise<Found> => {
  const target = await targetOf(product);
  const organisations = await registerOrganisations(target, ORGANISATIONS);
  const { visibleSeconds: seconds, warmUpSeconds } = effort;
  say(`${bus}: proposing goals`);
  const probes = await goalsToAgree(product, PROBES, Math.ceil((seconds + warmUpSeconds) * GOALS_PER_SECOND));
  await product.caughtUp();
  say(`${bus}: ${EVENTS_PER_SECOND} events a second`);
  const pace = { eventsPerSecond: EVENTS_PER_SECOND, warmUpSeconds, seconds };
  return generate({ kind: 'visible', target, organisations, probes, ...pace });
};

const run = async (bench: Bench): Promise<Chapter> => {
  const { found, missing } = await onEachBus(bench, (product, bus) => measure(product, bus, bench));
  const embedded = found.embedded.summary;
  return {
    title: 'From a command to the figure that shows it',
    how: [
      `goal takes ${rate(EVENTS_PER_SECOND)} events a second at a fixed rate, whatever its answers take: teams of ${String(ORGANISATIONS)} organisations over gRPC, and among them ${String(PROBES)} organisations whose goals are agreed to one after the other. For these the time runs from before the command is sent until reporting's attainment, asked again a millisecond after each answer, counts the goal: command, relay, bus, inbox, read models, query.`,
      ...missing,
    ],
    tables: [
      {
        head: ['bus', 'events a second', 'goals looked for', 'p50', 'p95', 'p99'],
        rows: Object.entries(found).map(([bus, { summary, eventsPerSecond }]) => {
          const [, ...times] = summaryCells(summary);
          return [bus, rate(eventsPerSecond), String(summary.count), ...times];
        }),
      },
    ],
    aims: [
      {
        aim: `at ${rate(EVENTS_PER_SECOND)} events a second on the embedded bus, p99 at most ${String(AIM_MS)} ms`,
        found: ms(embedded.p99),
        met: embedded.p99 <= AIM_MS,
        cause:
          'PostgreSQL, four services and the load share two cores. Relay, inbox and projector each gather what comes meanwhile, so a pause of any of them adds up.',
      },
    ],
  };
};

export const visible: Part = { name: 'visible', title: 'from a command to the figure', run };
