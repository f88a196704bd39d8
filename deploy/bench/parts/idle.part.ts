import { setTimeout as pause } from 'node:timers/promises';
import { SERVICES } from '../../local/layout';
import type { BusName } from '../../local/bus';
import { type Bench, onEachBus, type Part } from '../part';
import { type Usage, usageOf, usedBetween } from '../product/processor-time';
import type { Product } from '../product/product';
import type { Chapter } from '../report/chapter';

const AIM_PERCENT = 3;

/** Percent of a core that each process used while nobody asked for anything. */
type Idle = Readonly<Record<string, number>>;

const measure = async ({ stack }: Product, bus: BusName, { effort, say }: Bench): Promise<Idle> => {
  const { parts } = stack;
  const look = (): (readonly [string, Usage])[] => [
    ...SERVICES.map((name) => [name, usageOf(parts[name].pid())] as const),
    ['PostgreSQL', usageOf(parts.postgres.pid())] as const,
    ...(parts.kafka ? [['Kafka', usageOf(parts.kafka.pid())] as const] : []),
  ];
  say(`${bus}: settling`);
  await pause(effort.settleSeconds * 1_000);
  say(`${bus}: nothing to do for ${effort.idleSeconds} s`);
  const before = new Map(look());
  await pause(effort.idleSeconds * 1_000);
  const percent = (name: string, now: Usage): number =>
    (usedBetween(before.get(name) ?? new Map<number, number>(), now) / effort.idleSeconds) * 100;
  return Object.fromEntries(look().map(([name, now]) => [name, percent(name, now)]));
};

const percentText = (value: number): string => `${value.toFixed(1)} %`;

const run = async (bench: Bench): Promise<Chapter> => {
  const { found, missing } = await onEachBus(bench, (product, bus) => measure(product, bus, bench));
  const names = Object.keys(found.kafka ?? found.embedded);
  const most = Math.max(...SERVICES.map((name) => found.embedded[name] ?? 0));
  return {
    title: 'Doing nothing',
    how: [
      `Processor time of each process over ${String(bench.effort.idleSeconds)} s without a request, in percent of one core (from /proc; resolution ${percentText(1 / bench.effort.idleSeconds)}). PostgreSQL serves all services and the embedded bus; Kafka is one broker.`,
      ...missing,
    ],
    tables: [
      {
        head: ['bus', ...names],
        rows: Object.entries(found).map(([bus, idle]) => [
          bus,
          ...names.map((name) => (name in idle ? percentText(idle[name] ?? 0) : '')),
        ]),
      },
    ],
    aims: [
      {
        aim: `idle on the embedded bus, each service below ${String(AIM_PERCENT)} % of a core`,
        found: percentText(most),
        met: most < AIM_PERCENT,
        cause:
          'Each service asks PostgreSQL some twenty times a second whether its log, its inbox or its lease has changed, so that what another process wrote shows within a quarter of a second.',
      },
    ],
  };
};

export const idle: Part = { name: 'idle', title: 'processor time of idle services', run };
