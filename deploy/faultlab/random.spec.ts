import { Random } from './random';

const drawn = (random: Random): number[] => Array.from({ length: 20 }, () => random.between(1, 1_000));

describe('numbers from a seed', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(drawn(new Random(7))).toEqual(drawn(new Random(7)));
    expect(drawn(new Random(7))).not.toEqual(drawn(new Random(8)));
  });
  it('of a fork do not move those of the whole', () => {
    const [alone, forked] = [new Random(7), new Random(7)];
    drawn(forked.fork('load'));
    expect(drawn(forked)).toEqual(drawn(alone));
    expect(drawn(alone.fork('load'))).not.toEqual(drawn(alone.fork('plan')));
  });
  it('stay between their bounds, both included', () => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 200 }, () => random.between(3, 5)));
    expect([...seen].sort()).toEqual([3, 4, 5]);
  });
  it('shuffle without losing anything', () => {
    const items = Array.from({ length: 30 }, (_, n) => n);
    const mixed = new Random(2).shuffle(items);
    expect(mixed).not.toEqual(items);
    expect([...mixed].sort((a, b) => a - b)).toEqual(items);
  });
});
