import { fold } from '@oppi/event-sourcing';
import * as fc from 'fast-check';
import { earned, PRICE } from './billing.fixtures';
import { books, closePeriod, lastClosed, type PeriodClosed } from './books';
import { chargeGoal, charges, reverseCharge } from './charges';
import type { ChargesEvent } from './charges.events';
import { sumOf } from './money';

/*
 * What becomes of one goal's attainments under one commitment, whatever the order in which facts arrive, and whenever
 * somebody looks or closes a month in between. `look` is what the billing worker does: everything that is due, now.
 */
type Step =
  | { is: 'agreed' }
  | { is: 'attained'; outcomeNo: number; month: number }
  | { is: 'revoked'; outcomeNo: number; month: number }
  | { is: 'look' }
  | { is: 'close'; month: number };

const monthOf = (month: number): string => `2026-${String(month).padStart(2, '0')}`;

class World {
  agreed = false;
  readonly attained = new Map<number, number>();
  readonly revoked = new Map<number, number>();
  readonly money: ChargesEvent[] = [];
  readonly closings: PeriodClosed[] = [];
  /** What each statement held when it was made. */
  readonly statements: string[] = [];

  take(step: Step): void {
    if (step.is === 'agreed') this.agreed = true;
    if (step.is === 'attained') this.attained.set(step.outcomeNo, step.month);
    if (step.is === 'revoked') this.revoked.set(step.outcomeNo, step.month);
    if (step.is === 'look') this.look();
    if (step.is === 'close') this.close(monthOf(step.month));
  }

  look(): void {
    for (const [outcomeNo, month] of this.attained) {
      if (this.agreed && !this.revoked.has(outcomeNo)) {
        const what = earned({ lineId: `l-${outcomeNo}`, outcomeNo, deliveryPeriod: monthOf(month) });
        this.money.push(...chargeGoal(this.state(), this.books(), what, undefined));
      }
      const fell = this.revoked.get(outcomeNo);
      if (fell !== undefined) {
        const revocation = { outcomeNo, reversalLineId: `r-${outcomeNo}`, eventId: 'e', recordedIn: monthOf(fell) };
        this.money.push(...reverseCharge(this.state(), this.books(), revocation));
      }
    }
  }

  /** Closing waits for what is due (rule B5). */
  private close(period: string): void {
    if (period <= (lastClosed(this.books()) ?? '')) return;
    this.look();
    const closing = { period, currentPeriod: '2027-01', isIssued: false, inboxPosition: '0', now: '' };
    this.closings.push(...closePeriod(this.books(), closing));
    this.statements.push(this.statement(this.closings.length - 1));
  }

  statement(n: number): string {
    const { period, closedBefore = '' } = this.closings[n]!.data;
    return JSON.stringify(this.lines().filter((line) => line.period > closedBefore && line.period <= period));
  }

  lines(): { lineId: string; amountMinor: number; outcomeNo: number; period: string }[] {
    return this.money.map(({ data }) => ({
      lineId: data.lineId,
      amountMinor: data.amountMinor ?? 0,
      outcomeNo: data.outcomeNo,
      period: (data as { period: string }).period,
    }));
  }

  private state = () => fold(charges, this.money);
  private books = () => fold(books, this.closings);
}

const outcome = (outcomeNo: number) =>
  fc
    .record({ month: fc.integer({ min: 1, max: 9 }), falls: fc.boolean(), later: fc.nat(3) })
    .map(({ month, falls, later }): Step[] => [
      { is: 'attained', outcomeNo, month },
      ...(falls ? [{ is: 'revoked', outcomeNo, month: month + later } as const] : []),
    ]);
const facts = fc.tuple(outcome(1), outcome(2), outcome(3)).map((all): Step[] => [{ is: 'agreed' }, ...all.flat()]);
const doings = fc.array(
  fc.oneof(
    fc.constant<Step>({ is: 'look' }),
    fc.integer({ min: 1, max: 12 }).map((month): Step => ({ is: 'close', month })),
  ),
  { maxLength: 8 },
);
/** The facts in any order, some of them told twice, with looks and closings anywhere between. */
const runs = fc
  .tuple(facts, doings)
  .chain(([told, done]) =>
    fc.record({ told: fc.constant(told), steps: fc.shuffledSubarray([...told, ...told, ...done], { minLength: 0 }) }),
  )
  .map(({ told, steps }) => ({ told, steps: [...steps, ...told, { is: 'look' } as const] }));

describe('whatever the order of commitment, attainment, revocation and closing', () => {
  it('B1 E6: an attainment brings its price or nothing, with at most one charge and one reversal', () => {
    fc.assert(
      fc.property(runs, ({ told, steps }) => {
        const world = new World();
        steps.forEach((step) => world.take(step));
        for (const outcomeNo of [1, 2, 3]) {
          const lines = world.lines().filter((line) => line.outcomeNo === outcomeNo);
          const fell = told.some((step) => step.is === 'revoked' && step.outcomeNo === outcomeNo);
          expect(sumOf(lines.map(({ amountMinor }) => amountMinor))).toBe(fell ? 0 : PRICE);
          expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(lines.length);
          expect(lines.length).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('B4 P9: what a statement held when it was made, it holds for ever, and each line is on one', () => {
    fc.assert(
      fc.property(runs, ({ steps }) => {
        const world = new World();
        steps.forEach((step) => world.take(step));
        expect(world.closings.map((_, n) => world.statement(n))).toEqual(world.statements);
        const last = world.closings.at(-1)?.data.period ?? '';
        const onStatements = world.statements.flatMap((held) => JSON.parse(held) as { lineId: string }[]);
        const collected = world.lines().filter(({ period }) => period <= last);
        expect(onStatements.map(({ lineId }) => lineId).sort()).toEqual(collected.map(({ lineId }) => lineId).sort());
      }),
      { numRuns: 500 },
    );
  });

  it('E5: the same facts give the same lines, when nobody looks before all are told', () => {
    fc.assert(
      fc.property(facts, fc.infiniteStream(fc.nat()), (told, random) => {
        const shuffled = [...told]
          .map((step) => ({ step, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at);
        const worlds = [told, shuffled.map(({ step }) => step)].map((steps) => {
          const world = new World();
          [...steps, { is: 'look' } as const].forEach((step) => world.take(step));
          return world.lines().sort((a, b) => (a.lineId < b.lineId ? -1 : 1));
        });
        expect(worlds[1]).toEqual(worlds[0]);
      }),
    );
  });
});
