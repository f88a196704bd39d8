import type { Concern } from '@oppi/contracts/coaching/v1/coaching_service';
import type { GapInSight } from '@oppi/contracts/goal/v1/goal_service';
import type { Attainment, CommitmentStanding, StatementSummary } from '@oppi/contracts/reporting/v1/reporting_service';
import type { TimeShortfall } from '@oppi/contracts/time_allocation/v1/time_allocation_service';
import type { Endpoints } from '../../local/endpoints';
import { dateOf, id, PEOPLE, TEAMS, ZONE } from './cast';
import { Product } from './product';
import { DateTime } from 'luxon';

/** Ids cut to what tells them apart here, so that a line fits the screen; the services give them whole. */
const shortIds = (text: string): string =>
  text.replace(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{8}([0-9a-f]{4})\b/g, '$1…$2');

const number = (value: number): string => value.toLocaleString('en-GB');

/** Minor units as the currency's own, two decimals. */
const money = (minor: string): string => {
  const digits = minor.replace('-', '').padStart(3, '0');
  const whole = BigInt(digits.slice(0, -2)).toLocaleString('en-GB');
  return `${minor.startsWith('-') ? '-' : ''}${whole}.${digits.slice(-2)}`;
};

const row = (name: string, text: string): string => `  ${name.padEnd(12)}${text}`;

const teamName = (teamId: string | undefined): string =>
  TEAMS.find((name) => id('team', name) === teamId) ?? 'organisation';

const gapRow = ({ competence, teamId, currentLevel, targetLevel, route, core, goals }: GapInSight): string => {
  const level = currentLevel === undefined ? 'not assessed' : `level ${currentLevel}`;
  const attained = goals.filter(({ status }) => status === 'attained').length;
  const closing = `to be closed by ${route}${core ? ', core' : ''}: ${goals.length} goals, ${attained} attained`;
  return row('Gap', `${competence} (${teamName(teamId)}): ${level}, ${targetLevel} wanted, ${closing}`);
};

const goalsRow = ({ agreed, attained, missed, withdrawn, overdue, open }: Attainment): string =>
  row(
    'Goals',
    `${agreed} agreed: ${attained} attained, ${missed} missed, ${withdrawn} withdrawn, ${overdue} overdue, ${open} open`,
  );

const owedRow = ({ neededMinutes, givenMinutes, promisedMinutes, dueOn }: TimeShortfall): string => {
  const free = givenMinutes - promisedMinutes;
  const sum = `${number(neededMinutes)} min needed, ${number(free)} given and free by ${dueOn}`;
  return row('Time owed', `one goal: ${sum}: ${number(neededMinutes - free)} min owed by the client`);
};

const concernRow = ({ kind, status, outcome, dueAt, ownerId }: Concern): string => {
  const owner = ownerId === undefined ? 'nobody owns it' : 'with the coach';
  const state = status === 'open' ? `open, ${owner}, due ${dueAt.slice(0, 10)}` : `closed: ${outcome}`;
  return row('Concern', `${kind}: ${state}`);
};

const commitmentRow = (standing: CommitmentStanding): string => {
  const { name, attained, promised, threshold, dueOn, status, priceMinor, currency, billedMinor } = standing;
  const price = `${priceMinor === undefined ? 'no price' : `${money(priceMinor)} ${currency}`} each, ${money(billedMinor)} billed`;
  return row(
    'Commitment',
    `${name}: ${attained} of ${promised} attained, ${threshold} promised by ${dueOn}: ${status}; ${price}`,
  );
};

const statementRow = ({
  period,
  status,
  lines,
  netMinor,
  vatMinor,
  grossMinor,
  currency,
  sha256,
}: StatementSummary): string => {
  const sum = `${money(netMinor)} + VAT ${money(vatMinor)} = ${money(grossMinor)} ${currency}`;
  const proof = sha256 === undefined ? '' : `, SHA-256 ${sha256.slice(0, 12)}…`;
  return row('Statement', `${period} ${status}: ${lines} lines, ${sum}${proof}`);
};

/** Tells one client's whole story from what the services answer, a line or two each. */
class Story {
  constructor(private readonly product: Product) {}

  async tell(): Promise<string[]> {
    return [
      ...(await this.sight()),
      ...(await this.goals()),
      ...(await this.time()),
      ...(await this.concerns()),
      ...(await this.commitments()),
      ...(await this.statements()),
    ];
  }

  private get of() {
    return { organisationId: this.product.organisationId };
  }

  private async sight(): Promise<string[]> {
    const { goal } = this.product;
    const { vision, gaps } = await this.product.call(goal.getLineOfSight.bind(goal), this.of);
    return [row('Vision', vision?.text ?? 'none stated'), ...gaps.map(gapRow)];
  }

  private async goals(): Promise<string[]> {
    const { reporting } = this.product;
    const { attainment } = await this.product.call(reporting.getAttainment.bind(reporting), this.of);
    return attainment ? [goalsRow(attainment)] : [];
  }

  /** Since ninety days before today; the day itself counts. */
  private async time(): Promise<string[]> {
    const { time } = this.product;
    const today = DateTime.now().setZone(ZONE).startOf('day');
    const days = { fromOn: dateOf(today, -90), untilOn: dateOf(today, 1) };
    let [given, logged] = [0, 0];
    for (const person of PEOPLE.keys()) {
      const request = { ...this.of, personId: id('person', person), ...days };
      const account = await this.product.call(time.getTimeAccount.bind(time), request);
      given += account.givenMinutes;
      logged += account.loggedMinutes;
    }
    const { shortfalls } = await this.product.call(time.listTimeShortfalls.bind(time), this.of);
    const both = `${number(given)} min to ${PEOPLE.length} people in 90 days, ${number(logged)} of them used`;
    return [row('Time given', both), ...shortfalls.map(owedRow)];
  }

  private async concerns(): Promise<string[]> {
    const { coaching } = this.product;
    const { concerns } = await this.product.call(coaching.listConcerns.bind(coaching), this.of);
    return [...concerns].sort((a, b) => (a.raisedAt < b.raisedAt ? -1 : 1)).map(concernRow);
  }

  private async commitments(): Promise<string[]> {
    const { reporting } = this.product;
    const { commitments } = await this.product.call(reporting.listCommitments.bind(reporting), this.of);
    return commitments.map(commitmentRow);
  }

  /** Each statement, and the first charge of the latest one explained. */
  private async statements(): Promise<string[]> {
    const { reporting } = this.product;
    const { statements } = await this.product.call(reporting.listStatements.bind(reporting), this.of);
    const latest = statements.at(-1);
    if (!latest) return [];
    const request = { ...this.of, period: latest.period, limit: 50 };
    const { lines } = await this.product.call(reporting.getStatement.bind(reporting), request);
    const charge = lines.find(({ kind }) => kind === 'charge');
    if (!charge) return statements.map(statementRow);
    const about = { ...this.of, lineId: charge.lineId };
    const { text } = await this.product.call(reporting.explainLine.bind(reporting), about);
    const explained = shortIds(text.trimEnd())
      .split('\n')
      .map((line) => `    ${line}`);
    return [
      ...statements.map(statementRow),
      '',
      '  One line of it, walked back to the evidence (GetStatement names its lines, ExplainLine tells it whole):',
      ...explained,
    ];
  }
}

/** The demo client's story, a fact a line; undefined when there is no such client. */
export const storyOf = async (endpoints: Endpoints): Promise<string[] | undefined> => {
  const product = new Product(endpoints);
  try {
    const { organisationId, goal } = product;
    const known = await product.find(goal.getOrganisation.bind(goal), { organisationId });
    return known && (await new Story(product).tell());
  } finally {
    product.close();
  }
};
