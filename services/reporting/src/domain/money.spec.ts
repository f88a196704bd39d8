import * as fc from 'fast-check';
import { exact, moneyText, sumOf, vatOf, vatTotals } from './money';

const amounts = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
const rates = fc.integer({ min: 0, max: 10_000 });

describe('tax', () => {
  it.each([
    [4990, 2550, 1272], // 1272.45
    [9980, 2550, 2545], // 2544.90
    [100, 2550, 26], // 25.50: half is rounded up
    [-100, 2550, -26],
    [1, 0, 0],
    [76_771_150, 2550, 19_576_643], // 15,385 charges of 49.90
  ])('B12: on %i at %i basis points is %i', (net, rate, vat) => {
    expect(vatOf(net, rate)).toBe(vat);
  });
  it('B12: of a credit is exactly what the charge brought, for any amount and rate', () => {
    fc.assert(fc.property(amounts, rates, (net, rate) => expect(vatOf(-net, rate) + vatOf(net, rate)).toBe(0)));
  });
  it('B12: is within half a minor unit of the truth, for any amount and rate', () => {
    fc.assert(
      fc.property(amounts, rates, (net, rate) => {
        const twice = BigInt(vatOf(net, rate)) * 20_000n - BigInt(net) * BigInt(rate) * 2n;
        expect(twice < 0n ? -twice <= 10_000n : twice <= 10_000n).toBe(true);
      }),
    );
  });
  it('B12: is worked out once per rate, in whatever order the lines come', () => {
    const line = fc.record({ amountMinor: amounts, vatRateBasisPoints: fc.constantFrom(0, 1000, 2550) });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const totals = vatTotals(lines);
        expect(vatTotals([...lines].reverse())).toEqual(totals);
        expect(sumOf(totals.map(({ netMinor }) => netMinor))).toBe(sumOf(lines.map(({ amountMinor }) => amountMinor)));
        for (const { rateBasisPoints, netMinor, vatMinor } of totals)
          expect(vatMinor).toBe(vatOf(netMinor, rateBasisPoints));
      }),
    );
  });
});

describe('amounts', () => {
  it('are refused where they would no longer be exact', () => {
    expect(() => exact(0.5)).toThrow();
    expect(() => sumOf([Number.MAX_SAFE_INTEGER, 1])).toThrow();
    expect(Object.is(exact(-0), 0)).toBe(true);
  });
  it.each([
    [-4990, 'EUR', '-49.90 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [0, 'EUR', '0.00 EUR'],
    [1500, 'JPY', '1500 JPY'],
  ])('%i in %s reads %s', (minor, currency, text) => {
    expect(moneyText(minor, currency)).toBe(text);
  });
});
