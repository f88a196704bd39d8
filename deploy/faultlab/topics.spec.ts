import { patiently } from './topics';

describe('patiently', () => {
  it('asks until there is an answer', async () => {
    let asked = 0;
    const answer = await patiently(() => {
      asked += 1;
      return asked < 3
        ? Promise.reject(new Error('Connection terminated due to connection timeout'))
        : Promise.resolve(asked);
    }, 60_000);
    expect(answer).toBe(3);
  });

  it('gives up with the last error once its time is over', async () => {
    let asked = 0;
    const failing = patiently(() => Promise.reject(new Error(`attempt ${(asked += 1)}`)), 0);
    await expect(failing).rejects.toThrow('attempt 1');
  });
});
