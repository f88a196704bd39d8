import { randomBytes } from 'node:crypto';
import { EventStore, eventStoreMigrations, streamOf, Vault } from '@oppi/event-store';
import type { BenchServer } from '../machine/server';
import { CALLERS, type Contender } from './contender';
import { contextOf, eventOf, type Goals, goalsOf, progress } from './workload';

/** An event store in this process, as a service uses it: load, decide, append, with the idempotency key. */
export const storeContender = (store: EventStore): Contender => {
  const goals = goalsOf(CALLERS);
  return {
    name: 'Oppi, in process',
    call: (caller) => {
      const command = (goals[caller] as Goals).next();
      const stream = streamOf(progress, `goal-${command.goalId}`);
      return store.transact(contextOf(command), { goal: stream }, () => ({ goal: [eventOf(command)] }));
    },
  };
};

/** The same on a database of its own. */
export const eventStore = async (server: BenchServer): Promise<Contender> => {
  const { pool } = await server.database('ours', eventStoreMigrations);
  return storeContender(new EventStore(pool, new Vault(pool, randomBytes(32))));
};
