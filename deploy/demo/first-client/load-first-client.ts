import { DateTime } from 'luxon';
import type { Endpoints } from '../../local/endpoints';
import { id, ZONE } from './cast';
import { correction, HISTORY, imports } from './history';
import { Product } from './product';
import { coachesAndTime, midnightComes, OVERDUE, shortOfTime } from './today';

/** Tells how far the loading came. */
export type Say = (detail: string) => void;

const PROMISED = HISTORY.filter(({ promised }) => promised);
const BILLED = PROMISED.filter(({ fate }) => ['attained', 'attained today', 'voided'].includes(fate)).length;

/** Loads the demo client through the public API, as the people who would do it. */
class Loading {
  constructor(private readonly product: Product) {}

  async run(say: Say): Promise<void> {
    if (await this.isComplete()) {
      say('waiting for the report');
      await this.product.until('the report', async () => (await this.report()) !== undefined);
      return;
    }
    // Where the clocks stand in the past they come to today: that is where this client lives.
    await this.product.setClocks(new Date());
    const day = await this.firstDay();
    say('organisation');
    await this.register();
    for (const batch of imports(day)) {
      say(`${batch.items.length} commands of the role ${batch.role}`);
      await this.product.import(batch);
    }
    say('coaches and time');
    await coachesAndTime(this.product, day);
    say('a statement, and a correction after it');
    await this.billAndCorrect(day);
    say('goals without enough time');
    await shortOfTime(this.product);
    say('a goal that falls overdue');
    await midnightComes(this.product);
    say('waiting for the report');
    await this.product.until('the report', async () => (await this.report())?.overdue === 1);
  }

  /** The goal of midnight comes last, and leaves `overdue` only for an outcome. */
  private async isComplete(): Promise<boolean> {
    const last = await this.goal(OVERDUE.key);
    return last !== undefined && !['proposed', 'agreed'].includes(last.status);
  }

  /** A loading that was interrupted goes on with the dates it began with, else its commands would not be the same. */
  private async firstDay(): Promise<DateTime> {
    const [first] = HISTORY;
    const known = await this.goal(first.key);
    const today = DateTime.now().setZone(ZONE).startOf('day');
    return known ? DateTime.fromISO(known.dueOn, { zone: ZONE }).minus({ days: first.due }) : today;
  }

  private async register(): Promise<void> {
    const { organisationId, goal } = this.product;
    const request = { requestId: `first-client-${organisationId}`, organisationId, timeZone: ZONE, currency: 'EUR' };
    await this.product.call(goal.registerOrganisation.bind(goal), request);
  }

  /** Last month is billed; then evidence of it is voided, and the credit lies in the month that is open (rule E5). */
  private async billAndCorrect(day: DateTime): Promise<void> {
    const { organisationId, reporting } = this.product;
    const lines = async (): Promise<number> => {
      const request = { organisationId, limit: 200 };
      return (await this.product.find(reporting.listCharges.bind(reporting), request))?.lines.length ?? 0;
    };
    await this.product.until('the charges', async () => (await lines()) >= BILLED);
    const period = day.minus({ months: 1 }).toFormat('yyyy-MM');
    const issue = { requestId: `first-client-statement-${period}`, organisationId, period };
    await this.product.call(reporting.issueStatement.bind(reporting), issue, 'billing');
    await this.product.import(correction);
    await this.product.until('the reversal', async () => (await lines()) > BILLED);
  }

  private goal(key: string) {
    const { organisationId, goal } = this.product;
    return this.product.find(goal.getGoal.bind(goal), { organisationId, goalId: id('goal', key) });
  }

  /** The organisation's attainment; undefined while reporting has not heard of it. */
  private async report() {
    const { organisationId, reporting } = this.product;
    const found = await this.product.find(reporting.getAttainmentReport.bind(reporting), { organisationId });
    return found?.organisation?.attainment;
  }
}

/**
 * Loads the demo client unless it is there: an organisation with a vision and gaps, two teams under a parent, eight invented
 * people with time and a coach, goals in every state, a commitment, an issued statement and a correction after it. An
 * interrupted loading is taken up where it stopped. Throws when a command is refused.
 */
export const loadFirstClient = async (endpoints: Endpoints, say: Say): Promise<void> => {
  const product = new Product(endpoints);
  try {
    await new Loading(product).run(say);
  } finally {
    product.close();
  }
};
