import { freshDatabase } from './fresh-database';
import { ownPostgres } from './own-postgres';

jest.setTimeout(60_000); // ms: real servers start and crash here, on machines that have other work to do

describe('a server of its own', () => {
  it('keeps every acknowledged row through kill -9, on the same port', async () => {
    const server = await ownPostgres();
    const { pool } = await freshDatabase([], { serverUrl: server.serverUrl, onError: () => undefined });
    await pool.query('create table written (id integer primary key)');
    const acknowledged: number[] = [];
    let next = 0;
    const write = async (): Promise<void> => {
      for (;;) {
        const id = (next += 1);
        await pool.query('insert into written values ($1)', [id]);
        acknowledged.push(id);
        if (acknowledged.length === 500) void server.kill9();
      }
    };
    const ends = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7, 8].map(write));
    await server.kill9();
    expect(ends.map(({ status }) => status)).toEqual(Array(8).fill('rejected'));

    await server.start();
    const found = await pool.query<{ id: number }>('select id from written');
    const ids = new Set(found.rows.map(({ id }) => id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThanOrEqual(500);
    await pool.end();
    await server.remove();
  });
});
