import { existsSync, readFileSync } from 'node:fs';

/** The title by which `describeIfAvailable` of @oppi/testing marks a suite that lacks what it needs. */
const NOT_RUN = /^not run: /;

/**
 * Numbers of one Jest run from its JSON report. A suite that could not even be loaded counts as one failure, and so
 * does a run that left no report: neither may look like nothing happened.
 */
export const readReport = (path) => {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0, notRun: [] };
  const report = JSON.parse(readFileSync(path, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
    notRun: report.testResults
      .flatMap((suite) => suite.assertionResults)
      .filter((test) => test.status !== 'passed' && NOT_RUN.test(test.title))
      .map((test) => `${test.ancestorTitles.join(' ')}: ${test.title.replace(NOT_RUN, '')}`),
  };
};

export const addUp = (reports) =>
  reports.reduce(
    (sum, report) => ({
      passed: sum.passed + report.passed,
      failed: sum.failed + report.failed,
      skipped: sum.skipped + report.skipped,
      notRun: [...sum.notRun, ...report.notRun],
    }),
    { passed: 0, failed: 0, skipped: 0, notRun: [] },
  );
