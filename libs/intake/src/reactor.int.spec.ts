import type { InboxEvent } from '@oppi/messaging';
import { projectionMigrations } from '@oppi/projections';
import { freshDatabase, type FreshDatabase } from '@oppi/testing';
import { reactionMigrations } from './migrations';
import { type Reaction, Reactor } from './reactor';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase([...projectionMigrations, ...reactionMigrations]);
});
afterAll(() => database.drop());
afterEach(() => database.pool.query('delete from reaction_checkpoints'));

const fact = (position: number, type = 'told'): InboxEvent => ({ position: BigInt(position), type }) as InboxEvent;

/** A reactor on an inbox of such facts, and what it reacted to. */
const reactorOn = (
  facts: InboxEvent[],
  react: Reaction = () => Promise.resolve(),
  more: { lookingInto?: string[] } = {},
) => {
  const seen: bigint[] = [];
  const reactor = new Reactor({
    database: database.pool,
    source: { readAfter: async (after, most) => facts.filter(({ position }) => position > after).slice(0, most) },
    consumer: 'sample.reactions',
    on: {
      told: async (each) => {
        await react(each);
        seen.push(each.position);
      },
    },
    onError: () => undefined,
    ...more,
  });
  return { reactor, seen };
};

const checkpoint = async (): Promise<string | undefined> => {
  const { rows } = await database.pool.query<{ position: string }>('select position from reaction_checkpoints');
  return rows[0]?.position;
};

describe('a reactor', () => {
  it('reacts to each fact in order, passes over the others, and another process goes on behind them', async () => {
    const facts = [fact(1), fact(2, 'unheeded'), fact(4), fact(5, 'unheeded')];
    const { reactor, seen } = reactorOn(facts);
    expect(await reactor.reactToBatch()).toBe(4);
    expect(seen).toEqual([1n, 4n]);
    expect(reactor.metrics()).toEqual({ reactions_total: 2, reaction_failures_total: 0 });
    expect(await checkpoint()).toBe('5');
    const next = reactorOn([...facts, fact(7)]);
    await next.reactor.reactToBatch();
    expect(next.seen).toEqual([7n]);
  });

  it('begins again with the whole batch when one reaction failed, so that none is left out', async () => {
    const facts = [fact(1), fact(2)];
    const failing = reactorOn(facts, ({ position }) =>
      position === 2n ? Promise.reject(new Error('down')) : Promise.resolve(),
    );
    await expect(failing.reactor.reactToBatch()).rejects.toThrow('down');
    expect(await checkpoint()).toBeUndefined();
    const again = reactorOn(facts);
    await again.reactor.reactToBatch();
    expect(again.seen).toEqual([1n, 2n]);
  });

  it('waits until the tables that its reactions look into show a fact', async () => {
    const { reactor, seen } = reactorOn([fact(1), fact(2)], undefined, { lookingInto: ['goals', 'persons'] });
    const shows = (table: string, position: number) =>
      database.pool.query(
        `insert into projection_checkpoints (projection, position) values ($1, $2)
         on conflict (projection) do update set position = excluded.position`,
        [table, position],
      );
    await shows('goals', 2);
    expect(await reactor.reactToBatch()).toBe(0); // the other table was not made yet
    await shows('persons', 1);
    expect(await reactor.reactToBatch()).toBe(1);
    await shows('persons', 2);
    await reactor.reactToBatch();
    expect(seen).toEqual([1n, 2n]);
  });

  it('never takes the checkpoint back, when a slower process ends its batch after a faster one', async () => {
    let reached = (): void => undefined;
    let goOn = (): void => undefined;
    const atWork = new Promise<void>((resolve) => (reached = resolve));
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const slow = reactorOn([fact(1)], () => {
      reached();
      return held;
    });
    const slowly = slow.reactor.reactToBatch();
    await atWork;
    await reactorOn([fact(1), fact(2)]).reactor.reactToBatch();
    goOn();
    await slowly;
    expect(await checkpoint()).toBe('2');
  });
});
