import { CALLERS } from '../append/contender';
import { generate } from '../generator/generate';
import { medianRound, type Summary } from '../measure/percentiles';
import type { Bench, Part } from '../part';
import { registerOrganisations, targetOf } from '../product/history';
import type { Chapter } from '../report/chapter';
import { summaryCells, SUMMARY_HEAD } from '../report/text';

const WIRES = ['gRPC', 'REST'] as const;
const ORGANISATIONS = 10;

const run = async ({ effort, say, startProduct }: Bench): Promise<Chapter> => {
  const product = await startProduct('embedded');
  try {
    const target = await targetOf(product);
    const organisations = await registerOrganisations(target, ORGANISATIONS);
    const rounds = new Map<string, Summary[]>(WIRES.map((wire) => [wire, []]));
    for (let round = 1; round <= effort.rounds; round += 1)
      for (const wire of WIRES) {
        say(`${wire}, round ${round} of ${effort.rounds}`);
        const load = { callers: CALLERS, seconds: effort.seconds, warmUpSeconds: effort.warmUpSeconds };
        const { summary } = await generate({ kind: 'commands', wire, target, organisations, load });
        rounds.get(wire)?.push(summary);
        await product.caughtUp();
      }
    return chapterOf([...rounds].map(([wire, summaries]) => [`goal over ${wire}`, medianRound(summaries)]));
  } finally {
    await product.stop();
  }
};

const chapterOf = (found: readonly (readonly [string, Summary])[]): Chapter => ({
  title: 'Commands over the wires',
  how: [
    `The whole product runs as it ships: PostgreSQL and four services, each a process of its own. A load generator in one more process defines teams as ${String(CALLERS)} callers, each waiting for its answer: one event and its idempotency key per command, token check, input check, two streams loaded. goal has its usual pool of 10 connections.`,
    'All of this shares the two cores, and while goal answers, the facts are published, taken in and folded by reporting. So these figures are what one small machine does altogether, not what goal could do alone.',
  ],
  tables: [{ head: SUMMARY_HEAD, rows: found.map(([name, summary]) => [name, ...summaryCells(summary)]) }],
  aims: [],
});

export const wires: Part = { name: 'wires', title: 'commands over REST and gRPC', run };
