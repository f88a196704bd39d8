import { keepRunning, type Child, type Watcher } from './keep-running';

/** A child that dies when the test says so, and counts its lives. */
const mortal = () => {
  let die: (report: string) => void = () => undefined;
  const lives = { started: 0, stopped: 0, fail: false };
  const start = (died: (report: string) => void): Promise<Child> => {
    if (lives.fail) return Promise.reject(new Error('does not come up'));
    lives.started += 1;
    die = died;
    return Promise.resolve({ stop: () => Promise.resolve(void (lives.stopped += 1)) });
  };
  return { lives, start, die: () => die('it fell over') };
};

/** Collects what is told. */
const listening = () => {
  const told: string[] = [];
  const watcher: Watcher = {
    report: (text) => told.push(text),
    gaveUp: ({ message }) => told.push(`gave up: ${message}`),
  };
  return { told, watcher };
};

/** Longer than any pause before a restart, and much shorter than what counts as long ago. */
const aWhile = (): Promise<void> => jest.advanceTimersByTimeAsync(3_000);

describe('keeping a process running', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('starts it again when it dies, and says so with its log', async () => {
    const { lives, start, die } = mortal();
    const { told, watcher } = listening();
    await keepRunning('goal', start, watcher);
    die();
    await aWhile();
    expect(lives.started).toBe(2);
    expect(told).toEqual(['it fell over\ngoal is started again (1 of 3).', 'goal is back.']);
  });

  it('gives up at the fourth death in five minutes', async () => {
    const { lives, start, die } = mortal();
    const { told, watcher } = listening();
    await keepRunning('goal', start, watcher);
    for (const _ of [1, 2, 3, 4]) {
      die();
      await aWhile();
    }
    expect(told.at(-1)).toBe('gave up: goal died 4 times. it fell over');
    expect(lives.started).toBe(4);
  });

  it('counts a start that fails as a death', async () => {
    const { lives, start, die } = mortal();
    const { told, watcher } = listening();
    await keepRunning('goal', start, watcher);
    lives.fail = true;
    die();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(told.at(-1)).toBe('gave up: goal died 4 times. does not come up');
  });

  it('forgets deaths that are long ago', async () => {
    const { lives, start, die } = mortal();
    await keepRunning('goal', start, listening().watcher);
    for (const _ of [1, 2, 3, 4, 5]) {
      die();
      await aWhile();
      jest.advanceTimersByTime(200_000);
    }
    expect(lives.started).toBe(6);
  });

  it('fails when the first start fails', async () => {
    const { lives, start } = mortal();
    lives.fail = true;
    await expect(keepRunning('goal', start, listening().watcher)).rejects.toThrow('does not come up');
  });

  it('starts nothing again once it is stopped', async () => {
    const { lives, start, die } = mortal();
    const { told, watcher } = listening();
    const kept = await keepRunning('goal', start, watcher);
    await kept.stop();
    die();
    expect([lives, told]).toEqual([{ started: 1, stopped: 1, fail: false }, []]);
  });

  it('starts nothing again when it is stopped during the pause before a restart', async () => {
    const { lives, start, die } = mortal();
    const kept = await keepRunning('goal', start, listening().watcher);
    die();
    await kept.stop();
    expect(lives.started).toBe(1);
  });
});
