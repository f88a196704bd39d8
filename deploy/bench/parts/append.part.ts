import { medianRound, type Summary } from '../measure/percentiles';
import { runCallers } from '../measure/callers';
import type { Bench, Part } from '../part';
import type { Chapter } from '../report/chapter';
import { bars } from '../report/bars';
import { ms, ratio, summaryCells } from '../report/text';
import { CALLERS, CONNECTIONS, type Contender } from '../append/contender';
import { eventStore } from '../append/in-process';
import { messageDb } from '../append/message-db';
import { findPgbench, REFERENCE_TABLE, runPgbench } from '../append/pgbench';
import { plainTransactions, typeOrmSave } from '../append/plain';

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
    how: HOW,
    tables: [
      {
        head: ['', 'commands a second', 'of the reference', 'p50', 'p95', 'p99'],
        rows: [...found].map(([name, summary]) => {
          const [perSecond, ...times] = summaryCells(summary);
          return [name, perSecond, ratio(summary.perSecond / limit.perSecond), ...times];
        }),
      },
    ],
    aims: aimsOf(mine, limit, { name: best, summary: of(best) }),
    pictures: [
      {
        name: 'append',
        title: TITLE,
        svg: bars({
          title: TITLE,
          bars: [...found].map(([label, { perSecond }]) => ({ label, value: perSecond, emphasised: label === ours })),
          line: { label: `${LEAST_OF_REFERENCE} of the reference`, value: LEAST_OF_REFERENCE * limit.perSecond },
        }),
      },
    ],
  };
};

const TITLE = 'One event, one command: durable appends a second';
const LEAST_OF_REFERENCE = 0.8;
const TIMES_THE_BEST_PEER = 5;
const MOST_P99_MS = 50;

const HOW = [
  `Everyone writes the same event, as large as goal's report of progress, durably, one command at a time, into a database of their own on the same server, in turns. pgbench sends one prepared insert per transaction on ${String(CONNECTIONS)} connections. All others have ${String(CALLERS)} callers in this process, each waiting for its answer, on at most ${String(CONNECTIONS)} connections.`,
  'Oppi loads the stream (five events on average), decides, checks the version, and stores event and idempotency key. The others only write: message-db calls its `write_message` with the expected version, once with all streams in one category, as a service has them, and once spread over as many categories as there are connections, because its lock is per category; pg begins, inserts and commits; TypeORM saves a new entity. So they do less than a command needs.',
];

const aimsOf = (mine: Summary, limit: Summary, best: Readonly<{ name: string; summary: Summary }>): Chapter['aims'] => {
  const [ofLimit, ofBest] = [mine.perSecond / limit.perSecond, mine.perSecond / best.summary.perSecond];
  return [
    {
      aim: `in process, at least ${String(LEAST_OF_REFERENCE)} of the reference`,
      found: ratio(ofLimit),
      met: ofLimit >= LEAST_OF_REFERENCE,
      cause: CAUSES.reference,
    },
    {
      aim: `in process, at least ${String(TIMES_THE_BEST_PEER)} times the best peer`,
      found: `${ratio(ofBest)} times ${best.name}`,
      met: ofBest >= TIMES_THE_BEST_PEER,
      cause: `Five times as much would be ${ratio((TIMES_THE_BEST_PEER * best.summary.perSecond) / limit.perSecond)} of the reference. Every peer only writes: none decides anything or keeps a key by which a repeated command gets its answer again.`,
    },
    {
      aim: `in process, p99 below ${String(MOST_P99_MS)} ms`,
      found: ms(mine.p99),
      met: mine.p99 < MOST_P99_MS,
      cause: CAUSES.time,
    },
  ];
};

const CAUSES = {
  reference:
    'Positions in commit order are given behind one lock, so PostgreSQL appends one batch at a time on one core. There a command writes an event with two indexes and its key with one; the reference uses all connections and one index.',
  time: 'With so many callers the time is their number divided by the rate, and a batch waits for the one before it.',
};

export const append: Part = { name: 'append', title: 'appending, against the reference and peers', run };
