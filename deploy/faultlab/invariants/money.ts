import type { Facts, LedgerLine, StoredEvent } from '../facts';
import { groupBy, type Invariant } from './invariant';

type Line = Readonly<{ earned: string; lineId: string; type: string; reverses: string; amountMinor: number }>;
type Earned = Readonly<{ organisationId: string; stands: boolean; priceMinor: number }>;

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

const eventsOf = ({ stores }: Facts, service: string): readonly StoredEvent[] =>
  stores.find((store) => store.service === service)?.events ?? [];

/** A service that keeps no log of its own bills nothing. */
const bills = ({ stores }: Facts): boolean => stores.some(({ service }) => service === 'reporting');

/** One attainment of a promised goal: what may be billed once. */
const earnedName = (organisationId: string, goalId: unknown, outcomeNo: unknown): string =>
  `${organisationId} ${text(goalId)} ${text(outcomeNo)}`;

/** What goal's log says was earned: attainments of promised goals, whether they still stand, and what they cost. */
const earnedOf = (facts: Facts): Map<string, Earned> => {
  const events = eventsOf(facts, 'goal');
  const prices = new Map<string, number>();
  for (const { type, organisationId, data } of events)
    if (type === 'CommitmentAgreed')
      for (const goalId of data['goalIds'] as readonly string[])
        prices.set(`${organisationId} ${goalId}`, Number(data['priceMinor']));
  const earned = new Map<string, Earned>();
  for (const { type, organisationId, data } of events) {
    const priceMinor = prices.get(`${organisationId} ${text(data['goalId'])}`);
    if (priceMinor === undefined) continue;
    const name = earnedName(organisationId, data['goalId'], data['outcomeNo']);
    if (type === 'GoalAttained') earned.set(name, { organisationId, stands: true, priceMinor });
    if (type === 'AttainmentRevoked') earned.set(name, { organisationId, stands: false, priceMinor });
  }
  return earned;
};

const linesOf = (facts: Facts): Line[] =>
  eventsOf(facts, 'reporting')
    .filter(({ streamId }) => streamId.startsWith('charges-'))
    .map(({ type, organisationId, data }) => ({
      earned: earnedName(organisationId, data['goalId'], data['outcomeNo']),
      lineId: text(data['lineId']),
      type,
      reverses: text(data['reversesLineId']),
      amountMinor: Number(data['amountMinor']),
    }));

const BEGINNINGS = new Set(['GoalCharged', 'ChargeLocked']);

const wrongCounts = (name: string, { stands }: Earned, lines: readonly Line[]): string[] => {
  const charges = lines.filter(({ type }) => BEGINNINGS.has(type));
  const reversals = lines.filter(({ type }) => type === 'ChargeReversed');
  // What fell before it was looked at was never charged, and is not taken back.
  const expected = stands ? 1 : Math.min(charges.length, 1);
  const strange = reversals.filter(({ reverses }) => !charges.some(({ lineId }) => lineId === reverses));
  return [
    ...(charges.length === expected ? [] : [`${name} was charged ${charges.length} times`]),
    ...(reversals.length === (stands ? 0 : charges.length) ? [] : [`${name} was taken back ${reversals.length} times`]),
    ...strange.map(({ lineId }) => `${lineId} takes back a charge that there is not`),
  ];
};

/** Each attainment of a promised goal is charged once, and taken back once when it falls; nothing else is. */
export const billedOnce: Invariant = {
  id: 'I9',
  title: 'each attainment billed exactly once, each fallen one taken back once',
  check: (facts) => {
    if (!bills(facts)) return [];
    const lines = groupBy(linesOf(facts), ({ earned }) => earned);
    const earned = earnedOf(facts);
    return [
      ...[...lines.keys()].filter((name) => !earned.has(name)).map((name) => `${name} was billed and never earned`),
      ...[...earned].flatMap(([name, one]) => wrongCounts(name, one, lines.get(name) ?? [])),
    ];
  },
};

/** What one line may say: the agreed price, or that price taken back. */
const wrongAmount = (line: LedgerLine, earned: Earned | undefined): string[] => {
  const expected = earned && String(line.kind === 'charge' ? earned.priceMinor : -earned.priceMinor);
  return line.amountMinor === expected ? [] : [`line ${line.lineId} says ${line.amountMinor}, not ${expected}`];
};

/** The lines that reporting lists are at the agreed prices, and the draft comes to what stands in goal's log. */
export const balanced: Invariant = {
  id: 'I10b',
  title: 'money: lines at the agreed price, drafts equal a count from the log',
  check: (facts) => {
    if (!bills(facts)) return [];
    const earned = earnedOf(facts);
    const standing = groupBy([...earned.values()], ({ organisationId }) => organisationId);
    return [
      ...facts.ledger.flatMap((line) =>
        wrongAmount(line, earned.get(earnedName(line.organisationId, line.goalId, line.outcomeNo))),
      ),
      ...facts.drafts.flatMap(({ organisationId, netMinor }) => {
        const own = (standing.get(organisationId) ?? []).filter(({ stands }) => stands);
        const expected = own.reduce((sum, { priceMinor }) => sum + priceMinor, 0);
        return netMinor === String(expected) ? [] : [`${organisationId}: the draft says ${netMinor}, not ${expected}`];
      }),
    ];
  },
};
