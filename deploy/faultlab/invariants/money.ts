import type { Facts, StoredEvent } from '../facts';
import { groupBy, type Invariant } from './invariant';

type Line = Readonly<{ earned: string; organisationId: string; type: string; amountMinor: number }>;

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

const eventsOf = ({ stores }: Facts, service: string): readonly StoredEvent[] =>
  stores.find((store) => store.service === service)?.events ?? [];

/** One attainment under one commitment: what may be billed once. */
const earnedName = (organisationId: string, goalId: unknown, outcomeNo: unknown): string =>
  `${organisationId} ${text(goalId)} ${text(outcomeNo)}`;

/** What goal's log says was earned: attainments of promised goals, and whether they still stand. */
const earnedOf = (facts: Facts): Map<string, { stands: boolean; priceMinor: number }> => {
  const events = eventsOf(facts, 'goal');
  const prices = new Map<string, number>();
  for (const { type, organisationId, data } of events)
    if (type === 'CommitmentAgreed')
      for (const goalId of data['goalIds'] as readonly string[])
        prices.set(`${organisationId} ${goalId}`, Number(data['priceMinor']));
  const earned = new Map<string, { stands: boolean; priceMinor: number }>();
  for (const { type, organisationId, data } of events) {
    const priceMinor = prices.get(`${organisationId} ${text(data['goalId'])}`);
    if (priceMinor === undefined) continue;
    const name = earnedName(organisationId, data['goalId'], data['outcomeNo']);
    if (type === 'GoalAttained') earned.set(name, { stands: true, priceMinor });
    if (type === 'AttainmentRevoked') earned.set(name, { stands: false, priceMinor });
  }
  return earned;
};

const linesOf = (facts: Facts): Line[] =>
  eventsOf(facts, 'reporting')
    .filter(({ streamId }) => streamId.startsWith('charges-'))
    .map(({ type, organisationId, data }) => ({
      earned: earnedName(organisationId, data['goalId'], data['outcomeNo']),
      organisationId,
      type,
      amountMinor: Number(data['amountMinor']),
    }));

const BEGINNINGS = new Set(['GoalCharged', 'ChargeLocked']);

/** Each attainment of a promised goal is charged once, and taken back once when it falls; nothing else is. */
export const billedOnce: Invariant = {
  id: 'I9',
  title: 'each attainment billed exactly once, each fallen one taken back once',
  check: (facts) => {
    // A service that keeps no log of its own bills nothing.
    if (!facts.stores.some(({ service }) => service === 'reporting')) return [];
    const lines = groupBy(linesOf(facts), ({ earned }) => earned);
    const earned = earnedOf(facts);
    const count = (name: string, isOne: (line: Line) => boolean): number =>
      (lines.get(name) ?? []).filter(isOne).length;
    return [
      ...[...lines.keys()].filter((name) => !earned.has(name)).map((name) => `${name} was billed and never earned`),
      ...[...earned].flatMap(([name, { stands }]) => {
        const begun = count(name, ({ type }) => BEGINNINGS.has(type));
        const reversed = count(name, ({ type }) => type === 'ChargeReversed');
        // What fell before it was looked at was never charged, and is not taken back.
        const expected = stands ? 1 : Math.min(begun, 1);
        return [
          ...(begun === expected ? [] : [`${name} was charged ${begun} times`]),
          ...(reversed === (stands ? 0 : begun) ? [] : [`${name} was taken back ${reversed} times`]),
        ];
      }),
    ];
  },
};
