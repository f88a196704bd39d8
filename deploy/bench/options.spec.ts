import { readOptions } from './options';

const parts = ['append', 'idle'];

describe('what a run is asked for', () => {
  it('is everything, whole, unless said otherwise', () => {
    expect(readOptions([], parts)).toMatchObject({ effort: { name: 'whole' }, names: [], help: false });
  });
  it('may be some parts, quickly', () => {
    expect(readOptions(['idle', '--quick'], parts)).toMatchObject({ effort: { name: 'quick' }, names: ['idle'] });
  });
  it('may be a larger log', () => {
    expect(readOptions(['--huge'], parts).effort.sizes).toEqual([100_000, 1_000_000, 10_000_000]);
  });
  it('names the parts there are when it asks for another', () => {
    expect(() => readOptions(['speed'], parts)).toThrow('There is no part speed. There are: append, idle.');
  });
  it('has no option that is not known', () => {
    expect(() => readOptions(['--fast'], parts)).toThrow('--fast');
  });
});
