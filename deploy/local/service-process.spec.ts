import { freePort, startMark } from '@oppi/local-postgres';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type ServiceProcess } from './service-process';

/** A service as small as can be: it listens where it is told to, and does on SIGTERM what `onTerm` says. */
const programOf = (onTerm: string, first = ''): string => `
  ${first}
  const { createServer } = require('node:http');
  console.log('environment', Object.keys(process.env).sort().join(' '));
  createServer((_, answer) => answer.end()).listen(process.env.HTTP_PORT, '127.0.0.1');
  process.on('SIGTERM', () => { ${onTerm} });`;

describe('a service process', () => {
  let folder: string;
  let service: ServiceProcess;
  let pid: number;
  const forever = new AbortController().signal;
  const nobody = (): void => undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oppi service '));
    const port = await freePort();
    service = {
      name: 'goal',
      program: join(folder, 'main.js'),
      env: { HTTP_PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      logFile: join(folder, 'goal.log'),
      started: (id) => (pid = id),
    };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is ready when it says so, gets only the settings meant for it, and ends on stop', async () => {
    process.env['LOG_SECRET'] = 'not for services';
    writeFileSync(service.program, programOf(`console.log('drained'); process.exit(0)`));
    const died = jest.fn();
    const child = await startService(service, died, forever);
    expect((await fetch(service.readyUrl)).ok).toBe(true);
    await child.stop();
    delete process.env['LOG_SECRET'];
    const log = readFileSync(service.logFile, 'utf8');
    expect(log).toContain('drained');
    expect(log).toContain('HTTP_PORT');
    expect(log).not.toContain('LOG_SECRET');
    expect([startMark(pid), died.mock.calls]).toEqual([undefined, []]);
  });

  it('tells when it dies by itself, how, and what it logged last', async () => {
    writeFileSync(
      service.program,
      programOf('', `setTimeout(() => { console.log('out of luck'); process.exit(3); }, 400);`),
    );
    const report = await new Promise<string>((resolve, reject) => {
      startService(service, resolve, forever).catch(reject);
    });
    expect(report).toContain('goal ended (exit code 3)');
    expect(report).toContain('out of luck');
  });

  it('fails with its log when it ends before it is ready', async () => {
    writeFileSync(service.program, `console.error('configuration: POSTGRES_URL is missing'); process.exit(78);`);
    await expect(startService(service, nobody, forever)).rejects.toThrow(
      /goal ended \(exit code 78\)[^]*POSTGRES_URL is missing/,
    );
  });

  it('is stopped when the start is given up before it is ready', async () => {
    writeFileSync(service.program, `setInterval(() => {}, 1000);`);
    const giveUp = new AbortController();
    const starting = startService(service, nobody, giveUp.signal);
    giveUp.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
    expect(startMark(pid)).toBeUndefined();
  });
});
