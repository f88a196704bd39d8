import { EventEmitter } from 'node:events';
import { openLog } from './log';
import { runService } from './run';

const silent = openLog('goal', 'silent');

/** A process that only remembers how it ended. */
const aProcess = () => {
  const emitter = new EventEmitter();
  const exits: number[] = [];
  let ended = (): void => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const exit = (code?: number): never => {
    exits.push(code ?? 0);
    ended();
    return undefined as never;
  };
  const host = { on: emitter.on.bind(emitter), exit } as unknown as Pick<NodeJS.Process, 'on' | 'exit'>;
  return { host, exits, end, signal: (name: string, ...about: unknown[]) => emitter.emit(name, ...about) };
};

describe('a service as a process', () => {
  it.each(['SIGTERM', 'SIGINT'])('drains and exits 0 on %s', async (name) => {
    const { host, exits, end, signal } = aProcess();
    const stop = jest.fn(() => Promise.resolve());
    await runService(() => Promise.resolve({ log: silent, stop }), host);
    signal(name);
    await end;
    expect(stop).toHaveBeenCalledTimes(1);
    expect(exits).toEqual([0]);
  });

  it('exits 1 at once on a second signal', async () => {
    const { host, exits, end, signal } = aProcess();
    await runService(() => Promise.resolve({ log: silent, stop: () => new Promise<void>(() => undefined) }), host);
    signal('SIGTERM');
    expect(exits).toEqual([]);
    signal('SIGTERM');
    await end;
    expect(exits).toEqual([1]);
  });

  it('exits 1 when a drain takes longer than 30 s', async () => {
    jest.useFakeTimers();
    const { host, exits, signal } = aProcess();
    await runService(() => Promise.resolve({ log: silent, stop: () => new Promise<void>(() => undefined) }), host);
    signal('SIGTERM');
    jest.advanceTimersByTime(29_999);
    expect(exits).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(exits).toEqual([1]);
    jest.useRealTimers();
  });

  it.each(['unhandledRejection', 'uncaughtException'])('drains and exits 1 on %s', async (name) => {
    const { host, exits, end, signal } = aProcess();
    const stop = jest.fn(() => Promise.resolve());
    await runService(() => Promise.resolve({ log: silent, stop }), host);
    signal(name, new Error('nobody caught me'));
    await end;
    expect(stop).toHaveBeenCalledTimes(1);
    expect(exits).toEqual([1]);
  });

  it('exits 1 when the drain fails', async () => {
    const { host, exits, end, signal } = aProcess();
    await runService(() => Promise.resolve({ log: silent, stop: () => Promise.reject(new Error('no')) }), host);
    signal('SIGTERM');
    await end;
    expect(exits).toEqual([1]);
  });

  it('TEN-01: exits 78 when what it was given is not safe', async () => {
    const write = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const { host, exits, end } = aProcess();
    await runService(() => Promise.reject(Object.assign(new Error('works as the owner'), { exitCode: 78 })), host);
    await end;
    write.mockRestore();
    expect(exits).toEqual([78]);
  });

  it('exits 1 with a word when it cannot start', async () => {
    const words: string[] = [];
    const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => words.push(String(text)) > 0);
    const { host, exits, end } = aProcess();
    await runService(() => Promise.reject(new Error('port in use')), host);
    await end;
    write.mockRestore();
    expect(exits).toEqual([1]);
    expect(words.join('')).toContain('port in use');
  });
});
