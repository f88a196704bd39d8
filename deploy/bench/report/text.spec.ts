import { ms, rate, ratio } from './text';

describe('figures as text', () => {
  it.each([
    [13_247, '13,200'],
    [847.4, '847'],
    [1_000_000, '1,000,000'],
    [10_000_000, '10,000,000'],
  ])('a rate of %p is %p', (value, text) => expect(rate(value)).toBe(text));
  it.each([
    [0.4321, '0.43 ms'],
    [4.3, '4.3 ms'],
    [43.4, '43 ms'],
    [1_234.5, '1235 ms'],
  ])('%p milliseconds are %p', (value, text) => expect(ms(value)).toBe(text));
  it.each([
    [0.806, '0.81'],
    [1.234, '1.23'],
    [5.27, '5.3'],
    [27.3, '27'],
  ])('a ratio of %p is %p', (value, text) => expect(ratio(value)).toBe(text));
});
