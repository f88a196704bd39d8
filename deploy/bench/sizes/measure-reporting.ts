import { setTimeout as pause } from 'node:timers/promises';
import { type Database, openPool } from '@oppi/database';
import { bearer, reportingClient, unary } from '../generator/wires';
import { runCallers } from '../measure/callers';
import type { Summary } from '../measure/percentiles';
import type { Bench } from '../part';
import { NOT_FOLDED } from '../product/product';
import { registerOrganisations, targetOf } from '../product/history';
import { loadFacts } from './load-facts';
import { EVENTS_PER_GOAL } from './load-goals';

/** What reporting makes of so many facts. */
export type ReportingCost = Readonly<{
  facts: number;
  goalsPerOrganisation: number;
  /** All its read models, folded anew beside the live ones. */
  rebuiltPerSecond: number;
  equal: boolean;
  /** Attainment of one organisation over gRPC, one caller. */
  figure: Summary;
}>;

const ORGANISATIONS = 10;
const REBUILD_LIMIT_MS = 300_000;

const failLoudly = (error: Error): void => {
  throw error;
};

const untilFolded = async (database: Database): Promise<void> => {
  for (;;) {
    const { rows } = await database.query<{ n: string }>(NOT_FOLDED);
    if (Number(rows[0]?.n) === 0) return;
    await pause(50);
  }
};

/** Measures reporting, a process of its own, with an inbox of so many facts. */
export const measureReporting = async ({ effort, say, startProduct }: Bench, facts: number): Promise<ReportingCost> => {
  const product = await startProduct('embedded');
  const database = openPool(product.stack.databases.reporting, failLoudly, { max: 1 });
  try {
    const target = await targetOf(product);
    const organisations = await registerOrganisations(target, ORGANISATIONS);
    await product.caughtUp();
    say(`${facts} facts: loading`);
    await loadFacts(database, { organisations, goals: facts / EVENTS_PER_GOAL });
    await untilFolded(database);
    await database.query('vacuum analyze');
    const [reports, metadata] = [reportingClient(target), bearer(target.token)];
    const organisationId = organisations[0] as string;
    say(`${facts} facts: rebuilding`);
    const began = performance.now();
    const rebuild = { requestId: `rebuild-${facts}`, organisationId };
    const { readModels } = await unary(reports.rebuildReadModels.bind(reports), rebuild, metadata, REBUILD_LIMIT_MS);
    const seconds = (performance.now() - began) / 1_000;
    say(`${facts} facts: asking for figures`);
    const load = { callers: 1, warmUpSeconds: 0.5, seconds: 60, most: effort.loads };
    const figure = await runCallers(load, () =>
      unary(reports.getAttainment.bind(reports), { organisationId }, metadata),
    );
    reports.close();
    return {
      facts,
      goalsPerOrganisation: facts / EVENTS_PER_GOAL / ORGANISATIONS,
      rebuiltPerSecond: facts / seconds,
      equal: readModels.every(({ equal }) => equal),
      figure,
    };
  } finally {
    await database.end();
    await product.stop();
  }
};
