const PER_UNIT = 10_000n; // basis points in a whole

/** An amount in minor units. Throws where a number would no longer be exact. */
export const exact = (amount: number): number => {
  if (!Number.isSafeInteger(amount)) throw new Error('An amount is no whole number of minor units, or too large.');
  return amount === 0 ? 0 : amount; // never -0
};

export const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => exact(sum + amount), 0);

/**
 * Tax on a net amount (rule B12): half a minor unit is rounded up on the absolute value, so that a credit takes back exactly
 * what the same charge brought.
 */
export const vatOf = (netMinor: number, rateBasisPoints: number): number => {
  const absolute = BigInt(exact(Math.abs(netMinor)));
  const vat = (absolute * BigInt(rateBasisPoints) * 2n + PER_UNIT) / (2n * PER_UNIT);
  return exact(Number(netMinor < 0 ? -vat : vat));
};

/** Taxed amounts, and what they come to at each rate: the tax is worked out once per rate and document (rule B12). */
export type Taxed = Readonly<{ amountMinor: number; vatRateBasisPoints: number }>;
export type VatTotal = Readonly<{ rateBasisPoints: number; netMinor: number; vatMinor: number }>;

export const vatTotals = (lines: readonly Taxed[]): VatTotal[] => {
  const perRate = new Map<number, number>();
  for (const { amountMinor, vatRateBasisPoints } of lines)
    perRate.set(vatRateBasisPoints, exact((perRate.get(vatRateBasisPoints) ?? 0) + amountMinor));
  return [...perRate]
    .sort(([a], [b]) => a - b)
    .map(([rateBasisPoints, netMinor]) => ({ rateBasisPoints, netMinor, vatMinor: vatOf(netMinor, rateBasisPoints) }));
};

/** An amount to read: `-49.90 EUR`, with as many decimals as the currency has. */
export const moneyText = (minor: number, currency: string): string => {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const absolute = String(Math.abs(minor)).padStart(digits + 1, '0');
  const decimals = digits === 0 ? '' : `.${absolute.slice(-digits)}`;
  return `${minor < 0 ? '-' : ''}${absolute.slice(0, absolute.length - digits)}${decimals} ${currency}`;
};
