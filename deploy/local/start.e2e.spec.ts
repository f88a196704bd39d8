import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isPortFree, startMark } from '@oppi/local-postgres';
import { portsFrom, ROOT, SERVICES } from './layout';

jest.setTimeout(180_000); // ms: builds at the first start, and loads the demo client

type Ran = Readonly<{ code: number | null; out: string; err: string }>;

/** A starter in a process of its own, as `npm start` makes one. */
class Starter {
  out = '';
  err = '';
  readonly ended: Promise<Ran>;
  private readonly child: ChildProcess;
  private waiting: (() => void)[] = [];

  constructor(env: Readonly<Record<string, string>>, args: readonly string[] = [], node: readonly string[] = []) {
    this.child = spawn(process.execPath, [...node, join(ROOT, 'deploy/local/start.mjs'), ...args], {
      cwd: tmpdir(),
      env: { ...process.env, APP_ENV: 'local', INIT_CWD: ROOT, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => this.hear(() => (this.out += chunk.toString())));
    this.child.stderr?.on('data', (chunk: Buffer) => this.hear(() => (this.err += chunk.toString())));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => resolve({ code, out: this.out, err: this.err }));
    });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Waits for a text on its screen; fails with the screen when it ends before. */
  async says(text: string): Promise<void> {
    const ended = this.ended.then(() => 'ended' as const);
    while (!this.out.includes(text)) {
      const next = new Promise<void>((resolve) => this.waiting.push(resolve));
      if ((await Promise.race([next, ended])) === 'ended' && !this.out.includes(text))
        throw new Error(`It ended without "${text}":\n${this.out}${this.err}`);
    }
  }

  private hear(note: () => void): void {
    note();
    this.waiting.splice(0).forEach((resolve) => resolve());
  }
}

const freeBase = async (): Promise<string> => {
  for (;;) {
    const base = String(10_000 + Math.floor(Math.random() * 20_000));
    const { proxy, postgres, issuer, grpc, http } = portsFrom(base);
    const all = [proxy, postgres, issuer, ...Object.values(grpc), ...Object.values(http)];
    if ((await Promise.all(all.map(isPortFree))).every(Boolean)) return base;
  }
};

const shell = (command: string): Promise<{ stdout: string }> =>
  promisify(execFile)('sh', ['-c', command], { cwd: ROOT, env: { ...process.env, npm_config_loglevel: 'silent' } });

const gone = async (pids: readonly number[]): Promise<number[]> => {
  const end = performance.now() + 20_000;
  const left = (): number[] => pids.filter((pid) => startMark(pid) !== undefined);
  while (left().length > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  return left();
};

describe('npm start', () => {
  let folder: string;
  let base: string;
  let starter: Starter;
  let firstScreen: string;

  const start = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Starter =>
    new Starter({ OPPI_LOCAL: folder, OPPI_PORT_BASE: base, ...env }, args);
  const children = (): number[] => {
    const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as { children: { pid: number }[] };
    const [postmaster] = readFileSync(join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n');
    return [...run.children.map(({ pid }) => pid), Number(postmaster)];
  };
  /** The printed command that begins with these words. */
  const printed = (name: string): string =>
    new RegExp(`^  ${name} +(.+)$`, 'm').exec(starter.out)?.[1] ?? `nothing is printed for ${name}`;
  const reportOf = (screen: string): string => screen.slice(screen.indexOf('  Vision'));
  /** The facts of the story without what no two loads share: event ids, times of recording, and the hash over them. */
  const factsOf = (screen: string): string[] =>
    (reportOf(screen).match(/^ {2}[A-Z][a-z]+ .*$/gm) ?? []).map((fact) => fact.replace(/, SHA-256 .*/, ''));

  beforeAll(async () => {
    folder = join(mkdtempSync(join(tmpdir(), 'oppi start ')), 'local');
    base = await freeBase();
    starter = start();
    await starter.says('Oppi runs');
    firstScreen = starter.out;
  });
  afterAll(async () => {
    starter.signal('SIGINT');
    await starter.ended;
    rmSync(realpathSync(join(folder, 'postgres')), { recursive: true, force: true });
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  it('tells on one screen where everything is, and the demo client from its vision to the evidence behind one euro', () => {
    const screen = firstScreen.slice(firstScreen.indexOf('Oppi runs'));
    expect(screen.split('\n').length).toBeLessThanOrEqual(55);
    const story = [
      /^ {2}Gap .*Settling claims alone \(Claims\): level 2, 4 wanted, .*: 5 goals, 3 attained$/m,
      /^ {2}Goals +13 agreed: 4 attained, 1 missed, 1 withdrawn, 1 overdue, 6 open$/m,
      /^ {2}Time given .* min to 8 people in 90 days, 900 of them used$/m,
      /^ {2}Time owed +one goal: 900 min needed, .* min owed by the client$/m,
      /^ {2}Concern +time-shortfall: closed: time-given$/m,
      /^ {2}Concern +time-shortfall: open, with the coach, due .+$/m,
      /^ {2}Commitment +Claims that settle: 4 of 6 attained, 5 promised by .*: running; 490.00 EUR each, 1,960.00 billed$/m,
      /^ {2}Statement +\d{4}-\d\d issued: 3 lines, 1,470.00 \+ VAT 374.85 = 1,844.85 EUR, SHA-256 [0-9a-f]{12}…$/m,
      /^ {2}Statement +\d{4}-\d\d draft: 3 lines, 490.00 \+ VAT 124.95 = 614.95 EUR$/m,
      /^ +490.00 EUR: charge .*$/m,
      /^ +on evidence .*, submitted by operations .*, accepted by verifier .*$/m,
    ];
    for (const fact of story) expect(reportOf(screen)).toMatch(fact);
  });

  it('prints a token command, a curl and a gRPC call that work as they stand', async () => {
    const token = await shell(printed('token'));
    expect(token.stdout.trim()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const rest = await shell(printed('REST'));
    expect(JSON.parse(rest.stdout)).toMatchObject({ organisation: { attainment: { agreed: 13, attained: 4 } } });
    const grpc = await shell(printed('gRPC'));
    expect(JSON.parse(grpc.stdout)).toMatchObject({ timeZone: 'Europe/Helsinki' });
  });

  it('tells a wrong role, a wrong call and a refusal in one line', async () => {
    const stderrOf = (command: string): Promise<string> =>
      shell(command).then(
        () => 'it succeeded',
        (error: unknown) => (error as { stderr: string }).stderr.trim(),
      );
    const [token, grpc] = [printed('token'), printed('gRPC')];
    expect(await stderrOf(token.replace('operations', 'owner'))).toMatch(/^role must be one of .+$/);
    expect(await stderrOf(grpc.replace('GetOrganisation', 'GetNothing'))).toMatch(
      /^goal.v1.GoalService has no plain call .+$/,
    );
    expect(
      await stderrOf(`${grpc} --organisation ${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)} --role learner`),
    ).toMatch(/^(NOT_FOUND|PERMISSION_DENIED): .+$/);
  });

  it('serves the description of each service through the one door', async () => {
    for (const service of SERVICES) {
      const answer = await fetch(`http://127.0.0.1:${base}/${service}/openapi.json`);
      expect(await answer.json()).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) as string });
    }
  });

  it('keeps keys, passwords and logs to their owner', () => {
    const secrets = ['root.key', 'run.json', 'postgres/passwords.json', 'logs/goal.log'];
    const modes = secrets.map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
  });

  it('refuses in one line: the same folder twice, a port in use, an unknown option, an old Node', async () => {
    const lineOf = async (other: Starter): Promise<string> => {
      const { code, err } = await other.ended;
      expect([code === 0, err.trim().split('\n').length]).toEqual([false, 1]);
      return err.trim();
    };
    expect(await lineOf(start())).toContain('Oppi runs already');
    const elsewhere = join(folder, '..', 'other');
    expect(await lineOf(start([], { OPPI_LOCAL: elsewhere }))).toContain(`Port ${base}, for the proxy, is in use.`);
    expect(await lineOf(start(['--kafkaesque']))).toContain('no option --kafkaesque');
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.18.3'}})`;
    expect(await lineOf(new Starter({}, [], ['--import', old]))).toBe(
      'Oppi needs Node 20.19 or later; this is 20.18.3.',
    );
  });

  it('starts a killed service again, and then the killed database', async () => {
    const [goal = 0] = children();
    process.kill(goal, 'SIGKILL');
    await starter.says('is back.');
    expect(starter.out).toContain('(signal SIGKILL)');
    process.kill(children().at(-1) ?? 0, 'SIGKILL');
    await starter.says('PostgreSQL is back.');
    const { stdout } = await shell(printed('REST'));
    expect(JSON.parse(stdout)).toMatchObject({ organisation: { attainment: { agreed: 13 } } });
  });

  it('leaves nothing behind when it is killed with signal 9, and goes on with the data at the next start', async () => {
    const before = children();
    starter.signal('SIGKILL');
    await starter.ended;
    starter = start();
    await starter.says('Oppi runs');
    expect(await gone(before)).toEqual([]);
    expect(reportOf(starter.out)).toBe(reportOf(firstScreen));
    expect(starter.out).not.toMatch(/installing|generating/);
  });

  it('stops everything on Ctrl-C, and says so when asked for a token then', async () => {
    const before = children();
    starter.signal('SIGINT');
    const { code, err } = await starter.ended;
    expect([code, err, await gone(before)]).toEqual([0, '', []]);
    expect(existsSync(join(folder, 'endpoints.json'))).toBe(false);
    await expect(shell(printed('token'))).rejects.toMatchObject({
      stderr: expect.stringContaining('does not run') as string,
    });
  });

  it('starts without the demo client when asked to', async () => {
    const empty = join(folder, '..', 'empty');
    starter = start(['--empty'], { OPPI_LOCAL: empty });
    await starter.says('Oppi runs');
    expect(starter.out).not.toContain('demo client');
    await stopEmpty(empty);
  });

  it('starts in the past when told so, and its clocks can be walked on from there', async () => {
    const empty = join(folder, '..', 'past');
    starter = start([], { OPPI_LOCAL: empty, OPPI_CLOCK_STARTS_AT: '2013-01-01T00:00:00Z' });
    await starter.says('Oppi runs');
    expect(starter.out).not.toContain('demo client');
    const { stdout: token } = await shell(printed('token'));
    const headers = { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' };
    for (const service of SERVICES) {
      const url = `http://127.0.0.1:${base}/${service}/v1/clock`;
      const body = JSON.stringify({ now: '2013-02-01T00:00:00Z' });
      const answer = await fetch(url, { method: 'PUT', headers, body });
      expect(await answer.json()).toMatchObject({ now: expect.stringMatching(/^2013-02-01T00:00/) as string });
    }
    // The demo client lives today, and brings the clocks there.
    starter.signal('SIGTERM');
    expect((await starter.ended).code).toBe(0);
    starter = start([], { OPPI_LOCAL: empty });
    await starter.says('Oppi runs');
    expect(factsOf(starter.out)).toEqual(factsOf(firstScreen));
    expect(factsOf(starter.out).length).toBeGreaterThan(8);
    await stopEmpty(empty);
  });

  const stopEmpty = async (empty: string): Promise<void> => {
    const place = realpathSync(join(empty, 'postgres'));
    starter.signal('SIGTERM');
    expect((await starter.ended).code).toBe(0);
    rmSync(place, { recursive: true });
  };
});
