import { CheckedTokens } from './checked-tokens';

const inAnHour = (): number => Math.floor(Date.now() / 1_000) + 3_600;

describe('tokens that were checked', () => {
  it('are forgotten, the eldest first, when there are ten thousand', () => {
    const tokens = new CheckedTokens();
    for (let n = 0; n <= 10_000; n += 1) tokens.remember(`token ${n}`, { sub: String(n), exp: inAnHour() });
    expect(tokens.find('token 0')).toBeUndefined();
    expect(tokens.find('token 1')?.sub).toBe('1');
    expect(tokens.find('token 10000')?.sub).toBe('10000');
  });
  it('are not known without an expiry that lies ahead', () => {
    const tokens = new CheckedTokens();
    tokens.remember('for ever', { sub: 'a' });
    tokens.remember('over', { sub: 'b', exp: Math.floor(Date.now() / 1_000) - 1 });
    expect([tokens.find('for ever'), tokens.find('over')]).toEqual([undefined, undefined]);
  });
});
