/** A month, `YYYY-MM`: what is earned, settled and closed by. Text order is time order. */
export type Period = string;

/** The month of a local date. */
export const periodOf = (localDate: string): Period => localDate.slice(0, 7);

export const nextPeriod = (period: Period): Period => {
  const [year, month] = period.split('-').map(Number) as [number, number];
  return month === 12 ? `${String(year + 1).padStart(4, '0')}-01` : `${period.slice(0, 4)}-${pad(month + 1)}`;
};

export const periodBefore = (period: Period): Period => {
  const [year, month] = period.split('-').map(Number) as [number, number];
  return month === 1 ? `${String(year - 1).padStart(4, '0')}-12` : `${period.slice(0, 4)}-${pad(month - 1)}`;
};

export const laterPeriod = (a: Period, b: Period): Period => (a > b ? a : b);

const pad = (month: number): string => String(month).padStart(2, '0');
