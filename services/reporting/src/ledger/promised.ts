/** What was promised, in the words of the commitment. */
export type Promised = Readonly<{
  commitmentId: string;
  name: string;
  promised: number;
  threshold: number;
  dueOn: string;
  priceMinor: number | null;
  currency: string;
  vatRateBasisPoints: number | null;
}>;
