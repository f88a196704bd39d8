import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import type {
  CommitmentStanding,
  Line,
  ListCommitmentsResponse,
  ReportingServiceClient,
  StatementSummary,
} from '@oppi/contracts/reporting/v1/reporting_service';
import { call, type Source } from './call';
import { terms } from './commitments';
import { type DataSet, hasPassed, type Registration } from './data-set';
import type { Ids } from './ids';
import { settled } from './settled';

export type MoneySource = Source<ReportingServiceClient>;

/** The months in which something is earned, `YYYY-MM`: an attainment shows from the day after the last. */
export const periodsOf = ({ registrations }: Pick<DataSet, 'registrations'>): string[] => {
  const periods = registrations.filter(hasPassed).map(({ presentation: { calendar } }) => {
    return calendar.dateOf(calendar.lastDay + 1).slice(0, 7);
  });
  return [...new Set(periods)].sort();
};

/** How the commitments stand, as known at a time or now. */
export const commitmentsOf = (
  { client, metadata }: MoneySource,
  { organisation }: Ids,
  knownAt?: string,
): Promise<ListCommitmentsResponse> =>
  call(client.listCommitments.bind(client), { organisationId: organisation, knownAt }, metadata(), 120_000);

export const statementsOf = async ({ client, metadata }: MoneySource, { organisation }: Ids) =>
  (await call(client.listStatements.bind(client), { organisationId: organisation }, metadata(), 120_000)).statements;

/** Commitment by commitment, how many goals are attained and what is billed for them. */
const foundIn = (commitments: readonly CommitmentStanding[]): Map<string, string> =>
  new Map(commitments.map(({ commitmentId, attained, billedMinor }) => [commitmentId, `${attained} ${billedMinor}`]));

const expectedOf = (attained: readonly Registration[], ids: Ids): Map<string, string> => {
  const counts = new Map<string, number>();
  for (const { presentation } of attained) counts.set(presentation.key, (counts.get(presentation.key) ?? 0) + 1);
  return new Map([...counts].map(([key, n]) => [ids.commitment(key), `${n} ${n * terms.priceMinor}`]));
};

/**
 * Waits until every attained goal is charged, and no other. Gives what is lacking when reporting stood still for
 * `patience` milliseconds before that.
 */
export const waitForCharges = async (
  source: MoneySource,
  ids: Ids,
  attained: readonly Registration[],
  patience: number,
): Promise<string | undefined> => {
  const expected = expectedOf(attained, ids);
  const { seen, complete } = await settled(async () => {
    const { commitments, basis } = await commitmentsOf(source, ids);
    const found = foundIn(commitments);
    const [lacking] = [...expected].filter(([id, standing]) => found.get(id) !== standing);
    const state = JSON.stringify([basis?.inboxPosition, [...found]]);
    return { seen: { found, lacking }, complete: lacking === undefined, state };
  }, patience);
  if (complete || !seen.lacking) return undefined;
  const [id, standing] = seen.lacking;
  return `Commitment ${id} has attained and billed ${seen.found.get(id) ?? 'nothing'}, not ${standing}.`;
};

// Reporting says so while it works on what it has heard or decided; it is ready a moment later.
const comesLater = ({ code, details }: ServiceError): boolean =>
  code === status.UNAVAILABLE || details.startsWith('read-models-behind: ');

const issue = async ({ client, metadata }: MoneySource, { organisation }: Ids, period: string, patience: number) => {
  // The same key after a break: an issue that was interrupted goes on.
  const request = { requestId: `oulad-issue-${organisation}-${period}`, organisationId: organisation, period };
  const begun = Date.now();
  for (;;) {
    try {
      return await call(client.issueStatement.bind(client), request, metadata(), 120_000);
    } catch (error) {
      if (!comesLater(error as ServiceError) || Date.now() - begun > patience) throw error;
    }
    await sleep(500);
  }
};

/** Issues the statements of these months that are not issued yet, one after the other. They must be over. */
export const issueStatements = async (
  source: MoneySource,
  ids: Ids,
  periods: readonly string[],
  patience: number,
): Promise<void> => {
  const statements = await statementsOf(source, ids);
  const issued = new Set(statements.filter((one) => one.status === 'issued').map(({ period }) => period));
  for (const period of periods) if (!issued.has(period)) await issue(source, ids, period, patience);
};

/** What the statement of a month comes to, as issued or as it would be issued. */
export const statementOf = async (
  { client, metadata }: MoneySource,
  { organisation }: Ids,
  period: string,
): Promise<StatementSummary | undefined> => {
  const request = { organisationId: organisation, period, limit: 1 };
  return (await call(client.getStatement.bind(client), request, metadata(), 120_000)).statement;
};

/** The hex SHA-256 of a statement's bytes as they can be read now. */
const documentHash = async (
  { client, metadata }: MoneySource,
  { organisation }: Ids,
  period: string,
): Promise<string> => {
  const hash = createHash('sha256');
  const rpc = client.getStatementDocument.bind(client);
  for (let [part, parts] = [0, 1]; part < parts; part++) {
    const answer = await call(rpc, { organisationId: organisation, period, part }, metadata(), 120_000);
    hash.update(Buffer.from(answer.base64, 'base64'));
    parts = answer.parts;
  }
  return hash.digest('hex');
};

/** The hashes of these statements' bytes as they can be read now, by month. */
export const documentHashes = async (
  source: MoneySource,
  ids: Ids,
  statements: readonly StatementSummary[],
): Promise<ReadonlyMap<string, string>> => {
  const hashes = new Map<string, string>();
  for (const { period } of statements) hashes.set(period, await documentHash(source, ids, period));
  return hashes;
};

/** All lines of a commitment, in the order of their decisions. */
export const linesOf = async ({ client, metadata }: MoneySource, { organisation }: Ids, commitmentId: string) => {
  const lines: Line[] = [];
  let cursor: string | undefined;
  do {
    const request = { organisationId: organisation, commitmentId, limit: 200, cursor };
    const page = await call(client.listCharges.bind(client), request, metadata(), 120_000);
    lines.push(...page.lines);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return lines;
};
