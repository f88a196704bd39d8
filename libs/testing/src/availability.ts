/**
 * Describes a suite that needs something a machine may lack (a broker, a data set). Without it the suite is reported as
 * one test "not run: why" and never passes: skipped at a desk, failed where CI=true, so that no green run hides a gap.
 *
 * `available` must be known before Jest collects the tests, so find it out synchronously or in the global setup; `why`
 * says what is missing and how to get it.
 */
export const describeIfAvailable = (name: string, available: boolean, why: string, body: () => void): void => {
  describe(name, () => {
    if (available) body();
    else if (process.env['CI'] === 'true')
      it(`not run: ${why}`, () => {
        throw new Error(`CI=true allows no suite to be left out: ${why}`);
      });
    else it.skip(`not run: ${why}`, () => undefined); // eslint-disable-line no-restricted-syntax -- the one place that may skip
  });
};
