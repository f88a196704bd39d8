import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';

/** An entry is told by person, day and entry id; its day and goal never change: a wrong one is rejected and logged anew. */
type Entry<T = object> = { personId: string; on: string; entryId: string; goalId: string } & T;

export type TimeLogged = Event<'TimeLogged', Entry<{ minutes: number }>>;
export type TimeCorrected = Event<'TimeCorrected', Entry<{ minutes: number }>>;
export type TimeConfirmed = Event<'TimeConfirmed', Entry>;
export type TimeRejected = Event<'TimeRejected', Entry<{ reasonCode: string }>>;
export type TimeLogEvent = TimeLogged | TimeCorrected | TimeConfirmed | TimeRejected;

export type EntryStatus = 'pending' | 'confirmed' | 'rejected';
export type TimeEntry = Readonly<{
  entryId: string;
  on: string;
  goalId: string;
  minutes: number;
  status: EntryStatus;
  reasonCode?: string;
}>;
export type TimeLog = readonly TimeEntry[];

export const MOST_A_DAY = 1_440;

/**
 * One stream per person and calendar month: no rule looks beyond one day, so the shortest stream that keeps a person's
 * paper together is enough, and years of history neither slow the next entry nor stand in line behind each other.
 */
export const timeLogStream = (personId: string, month: string): string => `time-log-${personId}-${month}`;
export const monthOf = (localDate: string): string => localDate.slice(0, 7);

export const timeLog: Decider<TimeLog, TimeLogEvent> = {
  initial: [],
  evolve: (state, { type, data }) => {
    const { entryId, on, goalId } = data;
    if (type === 'TimeLogged') return [...state, { entryId, on, goalId, minutes: data.minutes, status: 'pending' }];
    return state.map((entry): TimeEntry => {
      if (entry.entryId !== entryId || entry.on !== on) return entry;
      const { reasonCode: _past, ...kept } = entry;
      switch (type) {
        case 'TimeCorrected':
          return { ...kept, minutes: data.minutes, status: 'pending' };
        case 'TimeConfirmed':
          return { ...kept, status: 'confirmed' };
        case 'TimeRejected':
          return { ...kept, status: 'rejected', reasonCode: data.reasonCode };
      }
    });
  },
};

type Place = Readonly<{ personId: string; on: string; entryId: string }>;

/** Days before the goal was agreed count too; days to come do not. */
export const logTime = (
  state: TimeLog,
  { personId, on, entryId, goalId, minutes }: Place & { goalId: string; minutes: number },
  today: string,
): TimeLogEvent[] => {
  if (on > today) throw new DomainError('refused', 'time-in-future', 'Time is logged when it was spent.');
  if (find(state, { on, entryId }))
    throw new DomainError('conflict', 'time-already-logged', 'This entry is already there.');
  requireRoom(state, { on, entryId }, minutes);
  return [{ type: 'TimeLogged', data: { personId, on, entryId, goalId, minutes } }];
};

/** Editing returns an entry to pending, a rejected one too (rule T8). */
export const correctTime = (state: TimeLog, { personId, on, entryId }: Place, minutes: number): TimeLogEvent[] => {
  const { goalId, status, minutes: before } = found(state, { on, entryId });
  if (status !== 'rejected' && before === minutes) return [];
  requireRoom(state, { on, entryId }, minutes);
  return [{ type: 'TimeCorrected', data: { personId, on, entryId, goalId, minutes } }];
};

/** Nobody confirms his or her own time. */
export const confirmTime = (state: TimeLog, { personId, on, entryId }: Place, actorId: string): TimeLogEvent[] => {
  const { goalId, status } = found(state, { on, entryId });
  if (actorId === personId) throw new DomainError('refused', 'time-is-own', 'Somebody else has to confirm it.');
  if (status === 'confirmed') throw new DomainError('conflict', 'time-already-confirmed', 'It is confirmed already.');
  if (status === 'rejected')
    throw new DomainError('refused', 'time-rejected', 'It was rejected. Correct it first; then it is pending again.');
  return [{ type: 'TimeConfirmed', data: { personId, on, entryId, goalId } }];
};

export const rejectTime = (state: TimeLog, { personId, on, entryId }: Place, reasonCode: string): TimeLogEvent[] => {
  const { goalId, status } = found(state, { on, entryId });
  if (status === 'rejected') throw new DomainError('conflict', 'time-already-rejected', 'It is rejected already.');
  return [{ type: 'TimeRejected', data: { personId, on, entryId, goalId, reasonCode } }];
};

type InLog = Omit<Place, 'personId'>;

const find = (state: TimeLog, { on, entryId }: InLog): TimeEntry | undefined =>
  state.find((entry) => entry.on === on && entry.entryId === entryId);

const found = (state: TimeLog, place: InLog): TimeEntry => {
  const entry = find(state, place);
  if (!entry) throw new DomainError('not-found', 'time-entry-not-found', 'There is no such entry on that day.');
  return entry;
};

// Entries have minutes and no hours, so what cannot overlap is their sum: a person has 24 hours a day (rule T6).
const requireRoom = (state: TimeLog, { on, entryId }: InLog, minutes: number): void => {
  const others = state.filter((entry) => entry.on === on && entry.entryId !== entryId && entry.status !== 'rejected');
  if (others.reduce((sum, entry) => sum + entry.minutes, minutes) > MOST_A_DAY)
    throw new DomainError('refused', 'day-is-full', 'That would be more than 24 hours on that day.');
};
