import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@oppi/database';
import type { Recorded } from '@oppi/event-sourcing';
import { EventStore, eventStoreMigrations, streamOf, Vault } from '@oppi/event-store';
import { projectionMigrations, Projector, rebuild } from '@oppi/projections';
import { CALLERS } from '../append/contender';
import { storeContender } from '../append/in-process';
import { runCallers } from '../measure/callers';
import type { Summary } from '../measure/percentiles';
import type { Bench } from '../part';
import { newOrganisations } from '../product/product';
import { CreateGoalProgress1795409000000, goalProgress } from './goal-progress';
import { EVENTS_PER_GOAL, loadGoals } from './load-goals';

/** What a log of a certain size costs. */
export type LogCost = Readonly<{
  events: number;
  loadedPerSecond: number;
  append: Summary;
  /** One stream, read and folded, one caller. */
  load: Summary;
  /** Following the log into one read table, and folding it anew beside it. */
  followedPerSecond: number;
  rebuiltPerSecond: number;
  /** Whether the rebuilt table had the same rows as the live one. */
  equal: boolean;
}>;

const ORGANISATIONS = 10;
const MIGRATIONS = [...eventStoreMigrations, ...projectionMigrations, CreateGoalProgress1795409000000];

const timed = async <T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> => {
  const began = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - began) / 1_000 };
};

const follow = async (database: Database, store: EventStore): Promise<void> => {
  const head = await store.head();
  let failure: Error | undefined;
  const onError = (error: unknown): void => void (failure = error as Error);
  const projector = new Projector<Recorded>({ database, source: store, projections: [goalProgress], onError });
  projector.start();
  while (projector.position() < head && !failure) await pause(5);
  await projector.stop();
  if (failure) throw failure;
};

const loadsOfStreams = (store: EventStore, organisations: readonly string[], goals: number, loads: number) => {
  const counted = { initial: 0, evolve: (count: number) => count + 1 };
  let n = 0;
  return runCallers({ callers: 1, warmUpSeconds: 0, seconds: 60, most: loads }, () => {
    n = (n + 7_919) % goals; // a prime: the loads are spread over the log
    const id = `goal-90a10000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
    return store.load(organisations[n % organisations.length] as string, streamOf(counted, id));
  });
};

/** Measures a log of so many events in a database of its own. */
export const measureLog = async ({ server, effort, say }: Bench, events: number): Promise<LogCost> => {
  const database = await server.database('sized', MIGRATIONS);
  const { pool } = database;
  const store = new EventStore(pool, new Vault(pool, randomBytes(32)));
  const organisations = newOrganisations(ORGANISATIONS);
  const goals = events / EVENTS_PER_GOAL;
  say(`${events} events: loading`);
  const loading = await timed(() => loadGoals(pool, { organisations, goals }));
  await pool.query('vacuum analyze events, commands');
  await server.settle();
  say(`${events} events: following and rebuilding`);
  const following = await timed(() => follow(pool, store));
  const rebuilding = await timed(() => rebuild(pool, store, [goalProgress]));
  say(`${events} events: appending and loading`);
  const load = await loadsOfStreams(store, organisations, goals, effort.loads);
  const append = await runCallers({ callers: CALLERS, ...effort }, storeContender(store).call);
  return {
    events,
    loadedPerSecond: events / loading.seconds,
    append,
    load,
    followedPerSecond: events / following.seconds,
    rebuiltPerSecond: events / rebuilding.seconds,
    equal: rebuilding.result.every(({ equal }) => equal),
  };
};
