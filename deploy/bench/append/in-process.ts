import { randomBytes } from 'node:crypto';
import { EventStore, eventStoreMigrations, streamOf, Vault } from '@oppi/event-store';
import type { BenchServer } from '../machine/server';
import { CALLERS, type Contender } from './contender';
import { contextOf, eventOf, type Goals, goalsOf, progress } from './workload';

/** Our event store in this process, as a service uses it: load, decide, append, with the idempotency key. */
export const eventStore = async (server: BenchServer): Promise<Contender> => {
  const database = await server.database('ours', eventStoreMigrations);
  const store = new EventStore(database.pool, new Vault(database.pool, randomBytes(32)));
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
