import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createServiceDatabases } from './service-databases';
import { startMark, waitUntil } from './processes';
import { startPostgres, type LocalPostgres } from './start-postgres';

jest.setTimeout(60_000); // ms: real servers start and crash here, on machines that have other work to do

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

/** Starts a server from a process of its own, which then does nothing, and tells the server's process id and port. */
const startInAnotherProcess = async (dataFolder: string): Promise<{ starter: number; pid: number; url: string }> => {
  const script = `
    const { transformFileSync } = require('@swc/core');
    const settings = require('./swc.config.cjs');
    require('node:module')._extensions['.ts'] = (module, file) => module._compile(transformFileSync(file, settings).code, file);
    require('./libs/local-postgres/src/index.ts').startPostgres({ dataFolder: process.argv[1] })
      .then((server) => console.log(JSON.stringify({ pid: server.pid, url: server.url() })));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', script, dataFolder], {
    cwd: join(__dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the starter ended')));
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  });
  return { starter: child.pid ?? 0, ...(JSON.parse(line) as { pid: number; url: string }) };
};

describe('a local PostgreSQL', () => {
  let base: string;
  let open: string;
  let dataFolder: string;
  let running: LocalPostgres[];

  const start = async (more: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<LocalPostgres> => {
    const server = await startPostgres({ dataFolder, ...more });
    running.push(server);
    return server;
  };

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'oppi local '));
    // As root the server works under another account: it cannot enter `base`, and is given `open` itself.
    open = mkdtempSync(join(tmpdir(), 'oppi data '));
    dataFolder = open;
    running = [];
  });

  afterEach(async () => {
    for (const server of running) await server.stop();
    for (const server of running) await server.remove();
    [base, open].forEach((folder) => rmSync(folder, { recursive: true, force: true }));
  });

  it('keeps its data between starts', async () => {
    const first = await start();
    await query(first.url(), 'create table kept as select 42 as answer');
    await first.stop();
    const second = await start();
    expect(await query(second.url(), 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('orders text by code point and knows the case of all letters, whatever the machine speaks', async () => {
    const { url } = await start();
    expect(await query(url(), "select upper('öä') as upper, 'Z' < 'a' as by_code_point")).toEqual([
      { upper: 'ÖÄ', by_code_point: true },
    ]);
  });

  it('asks for a password, and keeps it in a file of its owner alone', async () => {
    const { url, folder } = await start();
    const wrong = new URL(url());
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
    expect(statSync(join(folder, 'passwords.json')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  it('tells when the server dies, and recovers at the next start', async () => {
    const reports: string[] = [];
    const server = await start({ onDeath: (report) => reports.push(report) });
    await query(server.url(), 'create table kept as select 1 as one');
    process.kill(server.pid, 'SIGKILL');
    await waitUntil(() => reports.length > 0, 10_000);
    expect(reports).toEqual([expect.stringContaining('PostgreSQL ended by itself')]);
    const again = await start();
    expect(await query(again.url(), 'select one from kept')).toEqual([{ one: 1 }]);
  });

  it('says nothing of a death that was asked for', async () => {
    const onDeath = jest.fn();
    const server = await start({ onDeath });
    await server.stop();
    expect(onDeath).not.toHaveBeenCalled();
  });

  it('refuses a folder that a living process uses', async () => {
    await start();
    await expect(startPostgres({ dataFolder })).rejects.toThrow(`in use by process ${process.pid}`);
  });

  it('refuses a port that is taken, in one line that names it', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const refusal = startPostgres({ dataFolder, port }).catch(String);
    const said = await refusal.finally(() => taken.close());
    expect(said).toBe(`Error: Port ${port} on 127.0.0.1 is in use; PostgreSQL needs it.`);
    await start(); // the folder is not left claimed
  });

  it('ends with the process that started it, even one killed with signal 9', async () => {
    const { starter, pid } = await startInAnotherProcess(dataFolder);
    process.kill(starter, 'SIGKILL');
    await waitUntil(() => startMark(pid) === undefined, 10_000);
    expect(startMark(pid)).toBeUndefined();
  });

  it('ends a server that was left behind, and goes on with its data', async () => {
    const { starter, pid, url } = await startInAnotherProcess(dataFolder);
    await query(url, 'create table kept as select 7 as seven');
    // Without its guardian the server outlives the starter, as after a kill of everything but the server.
    processesOf(starter).forEach((guardian) => process.kill(guardian, 'SIGKILL'));
    process.kill(starter, 'SIGKILL');
    await waitUntil(() => startMark(starter) === undefined, 10_000);
    expect(startMark(pid)).toBeDefined();

    const server = await start();
    expect(startMark(pid)).toBeUndefined();
    expect(await query(server.url(), 'select seven from kept')).toEqual([{ seven: 7 }]);
  });

  it('makes a role and a database per service, once, that no other role may enter', async () => {
    const server = await start();
    const urls = await createServiceDatabases(server, ['goal', 'reporting']);
    await query(urls.goal, 'create table mine as select 1 as one');
    expect(await createServiceDatabases(server, ['goal', 'reporting'])).toEqual(urls);
    expect(await query(urls.goal, 'select one from mine')).toEqual([{ one: 1 }]);
    await expect(query(server.url('goal', 'reporting'), 'select 1')).rejects.toThrow('permission denied for database');
    await expect(createServiceDatabases(server, ['drop table'])).rejects.toThrow('cannot name a database');
  });

  it('works below a folder that only its owner may enter, root too, and leaves its mode alone', async () => {
    const closed = join(base, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    dataFolder = join(closed, '.local', 'postgres');
    const server = await start();
    expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    expect(realpathSync(dataFolder)).toBe(server.folder);
    await server.stop();

    const again = await start();
    expect(again.folder).toBe(server.folder);
    await again.remove();
    expect([existsSync(dataFolder), existsSync(server.folder)]).toEqual([false, false]);
  });

  it('starts afresh when its folder was removed, or the link that root has there', async () => {
    dataFolder = join(base, 'postgres');
    const server = await start();
    await query(server.url(), 'create table old ()');
    await server.stop();
    rmSync(dataFolder, { recursive: true });
    const fresh = await start();
    expect(await query(fresh.url(), "select to_regclass('old') as old")).toEqual([{ old: null }]);
  });
});

/** Children of a process, by their parent's id in /proc; the guardian is the one that runs Node. */
const processesOf = (parent: number): number[] => {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('process.stdin'));
};
