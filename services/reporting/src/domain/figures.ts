/** Counts of agreed goals by what became of them, and rates in basis points; a rate is absent when there is nothing to divide by. */
export type Attainment = {
  agreed: number;
  attained: number;
  missed: number;
  withdrawn: number;
  overdue: number;
  open: number;
  /** attained / agreed. */
  rateBasisPoints?: number | undefined;
  /** attained / (agreed - withdrawn). */
  rateWithoutWithdrawnBasisPoints?: number | undefined;
};

/** Memberships by whether they began and ended: registered = left + open. */
export type Participation = { registered: number; left: number; open: number };
