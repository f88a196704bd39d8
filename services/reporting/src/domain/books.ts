import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';
import { laterPeriod, nextPeriod, type Period } from './period';

/** A month was closed, with all months before it that were not: nothing is ever collected in them again (rule B4). */
export type PeriodClosed = Event<
  'PeriodClosed',
  {
    period: Period;
    /** The last month that was closed before; absent the first time. */
    closedBefore?: Period;
    /** Counts the statements of the organisation from 1. */
    statementNo: number;
    /** Facts up to here were in when it was closed (rule B5). */
    inboxPosition: string;
    closedAt: string;
  }
>;

/** Which months of an organisation are closed. Whatever puts money into a month is decided on this, as a guard. */
export type Books = Readonly<{ closed: readonly Period[] }>;

export const books: Decider<Books, PeriodClosed> = {
  initial: { closed: [] },
  evolve: ({ closed }, { data }) => ({ closed: [...closed, data.period] }),
};

export const BOOKS_STREAM = 'books';

export const lastClosed = ({ closed }: Books): Period | undefined => closed.at(-1);

export const isClosed = (state: Books, period: Period): boolean => period <= (lastClosed(state) ?? '');

/** The month in which something of this month is settled: that month itself, or the first one that is open (rule E7). */
export const collectedIn = (state: Books, period: Period): Period => {
  const last = lastClosed(state);
  return last === undefined ? period : laterPeriod(period, nextPeriod(last));
};

export type Closing = Readonly<{
  period: Period;
  /** The month that now is, in the organisation's time zone. */
  currentPeriod: Period;
  /** Whether the statement of that month is issued already. */
  isIssued: boolean;
  inboxPosition: string;
  now: string;
}>;

/** First of two steps: the month takes nothing any more. Closed but not issued yet, as after a crash: the second goes on. */
export const closePeriod = (state: Books, closing: Closing): PeriodClosed[] => {
  const { period, currentPeriod, isIssued, inboxPosition, now } = closing;
  if (period >= currentPeriod)
    throw new DomainError('refused', 'period-not-over', 'This month is not over yet in the organisation.');
  if (state.closed.includes(period) && !isIssued) return [];
  if (isClosed(state, period))
    throw new DomainError(
      'conflict',
      'period-already-closed',
      'This month is closed already. What is late goes into the open one.',
    );
  const closedBefore = lastClosed(state);
  const data = { period, statementNo: state.closed.length + 1, inboxPosition, closedAt: now };
  return [{ type: 'PeriodClosed', data: { ...data, ...(closedBefore && { closedBefore }) } }];
};
