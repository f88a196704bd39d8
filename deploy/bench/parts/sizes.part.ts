import type { Bench, Part } from '../part';
import { bars } from '../report/bars';
import type { Aim, Chapter, Table } from '../report/chapter';
import { ms, rate } from '../report/text';
import { type LogCost, measureLog } from '../sizes/measure-log';
import { measureReporting, type ReportingCost } from '../sizes/measure-reporting';

const AIM_PER_SECOND = 60_000;
/** Beyond it reporting takes longer to load than all the rest. */
const MOST_FACTS = 1_000_000;

const run = async (bench: Bench): Promise<Chapter> => {
  const logs: LogCost[] = [];
  const reports: ReportingCost[] = [];
  for (const events of bench.effort.sizes) {
    logs.push(await measureLog(bench, events));
    if (events <= MOST_FACTS) reports.push(await measureReporting(bench, events));
  }
  return chapterOf(logs, reports);
};

const yesOrNo = (value: boolean): string => (value ? 'yes' : 'NO');

const aimOf = (logs: readonly LogCost[]): Aim => {
  const largest = logs.at(-1) as LogCost;
  return {
    aim: `one projection rebuilds at least ${rate(AIM_PER_SECOND)} events a second`,
    found: `${rate(largest.rebuiltPerSecond)} at ${rate(largest.events)} events`,
    met: largest.rebuiltPerSecond >= AIM_PER_SECOND,
    cause:
      'One core folds: reading a row of the log, parsing its two JSON columns and folding it cost about as much as writing the rows.',
  };
};

const HOW = [
  'A fast loader writes histories of goals, ten events and keys each, over ten organisations, straight into the tables; then they are vacuumed and analysed as autovacuum would. Appending: as in the first chapter, on top of that log. Loading a stream: ten events, read and folded, one caller, all over the log. Following and rebuilding: one read table as wide as goal’s list, in this process, including the comparison of both tables and the swap.',
  'reporting: the facts of the same histories lie in the inbox of the running service; all its read models are rebuilt by its own operation over gRPC, and the attainment of one organisation is asked over gRPC by one caller. Its cost grows with the goals of the organisation, which are counted when asked: no figure is stored.',
];

const logTable = (logs: readonly LogCost[]): Table => ({
  head: [
    'events in the log',
    'append a second',
    'append p99',
    'load a stream p50',
    'p99',
    'follow a second',
    'rebuild a second',
    'same rows',
  ],
  rows: logs.map(({ events, append, load, followedPerSecond, rebuiltPerSecond, equal }) => [
    rate(events),
    rate(append.perSecond),
    ms(append.p99),
    ms(load.p50),
    ms(load.p99),
    rate(followedPerSecond),
    rate(rebuiltPerSecond),
    yesOrNo(equal),
  ]),
});

const reportingTable = (reports: readonly ReportingCost[]): Table => ({
  head: [
    'facts in the inbox of reporting',
    'rebuild all read models, facts a second',
    'same rows',
    'goals of the organisation',
    'its attainment p50',
    'p99',
  ],
  rows: reports.map(({ facts, rebuiltPerSecond, equal, goalsPerOrganisation, figure }) => [
    rate(facts),
    rate(rebuiltPerSecond),
    yesOrNo(equal),
    rate(goalsPerOrganisation),
    ms(figure.p50),
    ms(figure.p99),
  ]),
});

const TITLE = 'Events a second, by the size of the log';

const chapterOf = (logs: readonly LogCost[], reports: readonly ReportingCost[]): Chapter => ({
  title: 'The size of the log',
  how: HOW,
  tables: [logTable(logs), reportingTable(reports)],
  aims: [aimOf(logs)],
  pictures: [
    {
      name: 'sizes',
      title: TITLE,
      svg: bars({
        title: TITLE,
        bars: logs.flatMap(({ events, append, rebuiltPerSecond }) => [
          { label: `append at ${rate(events)}`, value: append.perSecond, emphasised: true },
          { label: `rebuild at ${rate(events)}`, value: rebuiltPerSecond },
        ]),
      }),
    },
  ],
});

export const sizes: Part = { name: 'sizes', title: 'append, query and rebuild by the size of the log', run };
