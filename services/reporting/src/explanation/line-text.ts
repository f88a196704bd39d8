import type { InboxEvent } from '@oppi/messaging';
import { moneyText } from '../domain/money';
import { eventText, minuteText, percentText } from '../texts/table';
import type { Promised } from '../ledger/promised';
import type { ExplainedEvent } from './explained-event';

type Explained = Readonly<{
  line: Readonly<{
    lineId: string;
    kind: string;
    commitmentId: string;
    goalId: string;
    amountMinor?: string | undefined;
    currency: string;
    deliveryPeriod: string;
    period?: string | undefined;
    reversesLineId?: string | undefined;
    lockCode?: string | undefined;
  }>;
  decisions: readonly ExplainedEvent[];
  commitmentEvents: readonly ExplainedEvent[];
  goalEvents: readonly ExplainedEvent[];
  evidenceIds: readonly string[];
  statementPeriod?: string | undefined;
}>;

/** From the amount down to who accepted the evidence. Times are UTC. */
export const lineText = (explained: Explained, promise: Promised | undefined, facts: readonly InboxEvent[]): string => {
  const { line, decisions, commitmentEvents, goalEvents, evidenceIds } = explained;
  return [
    amountText(explained),
    ...decisions.map((event) => `    ${eventText(event)}`),
    promise
      ? `  under commitment ${line.commitmentId}, ${promiseText(promise)}`
      : `  under commitment ${line.commitmentId}`,
    ...commitmentEvents.map((event) => `    ${eventText(event)}`),
    `  for goal ${line.goalId}`,
    ...goalEvents.map((event) => `    ${eventText(event)}`),
    ...evidenceIds.map((evidenceId) => `  on evidence ${evidenceId}${verdictText(line.goalId, evidenceId, facts)}`),
    '',
  ].join('\n');
};

const amountText = ({ line, statementPeriod }: Explained): string => {
  const amount =
    line.amountMinor === undefined ? 'an unknown amount' : moneyText(Number(line.amountMinor), line.currency);
  const about = line.reversesLineId === undefined ? '' : `, takes back line ${line.reversesLineId}`;
  const lock = line.lockCode === undefined ? '' : `, held back: ${line.lockCode}`;
  const settled = line.period === undefined ? ', in no month' : `, settled in ${line.period}`;
  const on = statementPeriod === undefined ? 'on no statement yet' : `on the statement of ${statementPeriod}`;
  return `${amount}: ${line.kind} ${line.lineId}${about}, earned in ${line.deliveryPeriod}${settled}${lock}, ${on}`;
};

const promiseText = ({ name, promised, threshold, dueOn, ...terms }: Promised): string => {
  const price = terms.priceMinor === null ? 'no price' : moneyText(terms.priceMinor, terms.currency);
  const tax = terms.vatRateBasisPoints === null ? 'no tax rate' : `${percentText(terms.vatRateBasisPoints)} tax`;
  return `"${name}": ${threshold} of ${promised} goals by ${dueOn}, ${price} and ${tax} per attained goal`;
};

const verdictText = (goalId: string, evidenceId: string, facts: readonly InboxEvent[]): string =>
  facts
    .filter(
      ({ subject, data }) => subject === `goal-${goalId}` && 'evidenceId' in data && data.evidenceId === evidenceId,
    )
    .flatMap(({ type, actorId, actorRole, occurredAt }) => {
      const verb = VERDICTS[type];
      return verb === undefined ? [] : [`, ${verb} by ${actorRole} ${actorId} on ${minuteText(occurredAt)}`];
    })
    .join('');

const VERDICTS: Readonly<Record<string, string>> = {
  'goal.v1.EvidenceSubmitted': 'submitted',
  'goal.v1.EvidenceAccepted': 'accepted',
  'goal.v1.EvidenceVoided': 'voided',
};
