import { bars } from './bars';

const widths = (svg: string): number[] =>
  [...svg.matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, width]) => Number(width));

describe('a picture of bars', () => {
  it('draws lengths in proportion', () => {
    const [all, half] = widths(
      bars({
        title: 't',
        bars: [
          { label: 'a', value: 1_000 },
          { label: 'b', value: 500 },
        ],
      }),
    );
    expect((all as number) / (half as number)).toBeCloseTo(2, 1);
  });
  it('keeps room for a line beyond the longest bar', () => {
    const picture = bars({ title: 't', bars: [{ label: 'a', value: 500 }], line: { label: 'aim', value: 1_000 } });
    const [bar] = widths(picture);
    const [, x] = /<line x1="(\d+)"/.exec(picture) ?? [];
    expect(Number(x)).toBeGreaterThan(230 + (bar as number));
  });
  it('escapes what it is told', () => {
    const picture = bars({ title: 'a < b & c', bars: [{ label: '<b>', value: 1 }] });
    expect(picture).toContain('a &lt; b &amp; c');
    expect(picture).toContain('>&lt;b&gt;</text>');
  });
});
