import { medianRound, type Summary } from '../measure/percentiles';
import { runCallers } from '../measure/callers';
import type { Bench, Part } from '../part';
import type { Chapter } from '../report/chapter';
import { ms, rate, ratio } from '../report/text';
import { CALLERS, CONNECTIONS, type Contender } from './contender';
import { eventStore } from './in-process';
import { messageDb } from './message-db';
import { findPgbench, pgbenchVersion, REFERENCE_TABLE, runPgbench } from './pgbench';
import { plainTransactions, typeOrmSave } from './plain';

type Runner = Readonly<{ name: string; run: () => Promise<Summary> }>;

const REFERENCE = 'pgbench (the reference)';

const reference = async ({ server, effort }: Bench): Promise<Runner> => {
  const { url, pool } = await server.database('reference');
  await pool.query(REFERENCE_TABLE);
  const program = findPgbench();
  return { name: REFERENCE, run: () => runPgbench(program, url, effort.seconds) };
};

const runnerOf = ({ effort }: Bench, { name, call }: Contender): Runner => ({
  name,
  run: () => runCallers({ callers: CALLERS, ...effort }, call),
});

/** Every contender in turns, so that what else the machine does hits all alike. */
const inTurns = async ({ server, effort, say }: Bench, runners: readonly Runner[]): Promise<Map<string, Summary>> => {
  const rounds = new Map(runners.map(({ name }) => [name, [] as Summary[]]));
  for (let round = 1; round <= effort.rounds; round += 1)
    for (const { name, run } of runners) {
      say(`${name}, round ${round} of ${effort.rounds}`);
      await server.settle();
      rounds.get(name)?.push(await run());
    }
  return new Map([...rounds].map(([name, summaries]) => [name, medianRound(summaries)]));
};

const run = async (bench: Bench): Promise<Chapter> => {
  const { server } = bench;
  const typeOrm = await typeOrmSave(server);
  const ours = await eventStore(server);
  const peers = [
    await messageDb(server, 1),
    await messageDb(server, CONNECTIONS),
    await plainTransactions(server),
    typeOrm,
  ];
  const runners = [await reference(bench), ...[ours, ...peers].map((contender) => runnerOf(bench, contender))];
  const found = await inTurns(bench, runners);
  await typeOrm.close();
  return chapterOf(
    found,
    ours.name,
    peers.map(({ name }) => name),
  );
};

const chapterOf = (found: ReadonlyMap<string, Summary>, ours: string, peers: readonly string[]): Chapter => {
  const of = (name: string): Summary => found.get(name) as Summary;
  const [mine, limit] = [of(ours), of(REFERENCE)];
  const best = peers.reduce((left, right) => (of(left).perSecond >= of(right).perSecond ? left : right));
  return {
    title: 'Appending',
    how: [pgbenchVersion(findPgbench())],
    tables: [
      {
        head: ['', 'commands a second', 'of the reference', 'p50', 'p95', 'p99'],
        rows: [...found].map(([name, s]) => [
          name,
          rate(s.perSecond),
          ratio(s.perSecond / limit.perSecond),
          ms(s.p50),
          ms(s.p95),
          ms(s.p99),
        ]),
      },
    ],
    aims: [
      {
        aim: 'in process, at least 0.8 of the reference',
        found: ratio(mine.perSecond / limit.perSecond),
        met: mine.perSecond / limit.perSecond >= 0.8,
        cause: '',
      },
      {
        aim: 'in process, at least 5 times the best peer',
        found: `${ratio(mine.perSecond / of(best).perSecond)} (${best})`,
        met: mine.perSecond / of(best).perSecond >= 5,
        cause: '',
      },
      { aim: 'in process, p99 below 50 ms', found: ms(mine.p99), met: mine.p99 < 50, cause: '' },
    ],
  };
};

export const append: Part = { name: 'append', title: 'appending, against the reference and peers', run };
