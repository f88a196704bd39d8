import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';

export const CONCERN_KINDS = ['direction', 'motivation', 'time', 'stalled', 'time-shortfall'] as const;
export type ConcernKind = (typeof CONCERN_KINDS)[number];
export type DialKind = Extract<ConcernKind, 'direction' | 'motivation' | 'time'>;

/** How a concern may end. `false-flag`: it was none, which is counted (rule C10). */
export const OUTCOMES = [
  'helped',
  'plan-changed',
  'time-given',
  'escalated',
  'referred',
  'no-response',
  'false-flag',
] as const;
export type Outcome = (typeof OUTCOMES)[number];
type AnyOutcome = Outcome | 'learner-erased';

/** `ownerId` absent: nobody looks after it yet. `raisedBy`: the person who raised it; absent when a rule did. */
export type NewConcern = Readonly<{
  concernId: string;
  personId: string;
  kind: ConcernKind;
  goalId?: string | undefined;
  ownerId?: string | undefined;
  raisedBy?: string | undefined;
  raisedAt: string;
  dueAt: string;
}>;
export type ConcernRaised = Event<'ConcernRaised', NewConcern>;
/** A rule saw the same kind again while one was open: no second alert, but it is known (rule C10). */
export type ConcernSeenAgain = Event<'ConcernSeenAgain', { concernId: string; personId: string; goalId?: string }>;
export type ConcernOwnerChanged = Event<
  'ConcernOwnerChanged',
  { concernId: string; personId: string; ownerId?: string }
>;
export type ConcernClosed = Event<
  'ConcernClosed',
  { concernId: string; personId: string; kind: ConcernKind; outcome: AnyOutcome; closedAt: string }
>;
/** Who coaches the learner from now on, noted here so that owners are decided on this stream alone. */
export type ConcernsEntrusted = Event<'ConcernsEntrusted', { personId: string; coachId?: string }>;
/** The learner was erased: nothing new is raised. */
export type ConcernsSealed = Event<'ConcernsSealed', { personId: string }>;
export type ConcernEvent =
  ConcernRaised | ConcernSeenAgain | ConcernOwnerChanged | ConcernClosed | ConcernsEntrusted | ConcernsSealed;

export type Concern = NewConcern & Readonly<{ outcome?: AnyOutcome; closedAt?: string }>;
/** All of one learner's, so that "one open of a kind" is decided in one place. */
export type Concerns = Readonly<{ all: readonly Concern[]; coachId?: string | undefined; sealed: boolean }>;

export const concerns: Decider<Concerns, ConcernEvent> = {
  initial: { all: [], sealed: false },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ConcernRaised':
        return { ...state, all: [...state.all, event.data] };
      case 'ConcernSeenAgain':
        return state;
      case 'ConcernOwnerChanged':
        return change(state, event.data.concernId, { ownerId: event.data.ownerId });
      case 'ConcernClosed':
        return change(state, event.data.concernId, { outcome: event.data.outcome, closedAt: event.data.closedAt });
      case 'ConcernsEntrusted':
        return { ...state, coachId: event.data.coachId };
      case 'ConcernsSealed':
        return { ...state, sealed: true };
    }
  },
};

const change = (state: Concerns, concernId: string, more: Partial<Concern>): Concerns => ({
  ...state,
  all: state.all.map((each) => (each.concernId === concernId ? { ...each, ...more } : each)),
});

export const concernsStream = (personId: string): string => `concerns-${personId}`;

const DAY_MS = 86_400_000;

/** When a concern raised now has to be dealt with. */
export const dueAfter = (now: string, days: number): string => new Date(Date.parse(now) + days * DAY_MS).toISOString();

export const openOnes = ({ all }: Concerns): readonly Concern[] => all.filter(({ outcome }) => outcome === undefined);

/** What somebody or some rule found; its owner is the learner's coach. */
export type Finding = Omit<NewConcern, 'ownerId'>;

/** What a rule found: raised once, and while it is open only noted (rule C10). */
export const noticeConcern = (state: Concerns, found: Finding): ConcernEvent[] => {
  if (state.sealed) return [];
  const open = openOnes(state).find(({ kind }) => kind === found.kind);
  if (!open) return [raised({ ...found, ownerId: state.coachId })];
  const { concernId, personId } = open;
  return [{ type: 'ConcernSeenAgain', data: { concernId, personId, ...(found.goalId && { goalId: found.goalId }) } }];
};

/** What a person raises: told that it is there already rather than silently dropped. */
export const raiseConcern = (state: Concerns, found: Finding): ConcernEvent[] => {
  if (state.sealed)
    throw new DomainError('refused', 'person-erased', 'This person was erased; nothing new can be recorded.');
  if (state.all.some(({ concernId }) => concernId === found.concernId))
    throw new DomainError('conflict', 'concern-already-raised', 'This concern was raised already.');
  if (openOnes(state).some(({ kind }) => kind === found.kind))
    throw new DomainError('conflict', 'concern-of-kind-open', 'A concern of this kind is open for this learner.');
  return [raised({ ...found, ownerId: state.coachId })];
};

/** Open concerns go with the learner to the next coach, except those that somebody else was given (rule C3). */
export const handOver = (state: Concerns, personId: string, to: string | undefined): ConcernEvent[] => [
  { type: 'ConcernsEntrusted', data: { personId, ...(to && { coachId: to }) } },
  ...openOnes(state)
    .filter(({ ownerId }) => ownerId === state.coachId)
    .map(({ concernId }) => ownerChanged(concernId, personId, to)),
];

export const changeOwner = (state: Concerns, concernId: string, ownerId: string): ConcernEvent[] => {
  const found = openConcern(state, concernId);
  return found.ownerId === ownerId ? [] : [ownerChanged(concernId, found.personId, ownerId)];
};

export const closeConcern = (state: Concerns, concernId: string, outcome: Outcome, now: string): ConcernEvent[] => [
  closed(openConcern(state, concernId), outcome, now),
];

/** The learner was erased: nobody can be helped any more. */
export const sealConcerns = (state: Concerns, personId: string, now: string): ConcernEvent[] =>
  state.sealed
    ? []
    : [
        ...openOnes(state).map((each) => closed(each, 'learner-erased', now)),
        { type: 'ConcernsSealed', data: { personId } },
      ];

export const concernOf = ({ all }: Concerns, concernId: string): Concern => {
  const found = all.find((each) => each.concernId === concernId);
  if (!found) throw notFound();
  return found;
};

/** A coach closes what is her or his own; another's is not there (rule C9: a concern has one owner). */
export const mayClose = (state: Concerns, concernId: string, { id, role }: { id: string; role: string }): void => {
  if (role === 'coach' && concernOf(state, concernId).ownerId !== id) throw notFound();
};

const notFound = (): DomainError => new DomainError('not-found', 'concern-not-found', 'There is no such concern.');

const openConcern = (state: Concerns, concernId: string): Concern => {
  const found = concernOf(state, concernId);
  if (found.outcome !== undefined)
    throw new DomainError('refused', 'concern-already-closed', 'This concern was closed already.');
  return found;
};

const raised = ({
  concernId,
  personId,
  kind,
  goalId,
  ownerId,
  raisedBy,
  raisedAt,
  dueAt,
}: NewConcern): ConcernRaised => ({
  type: 'ConcernRaised',
  data: {
    concernId,
    personId,
    kind,
    ...(goalId && { goalId }),
    ...(ownerId && { ownerId }),
    ...(raisedBy && { raisedBy }),
    raisedAt,
    dueAt,
  },
});

const ownerChanged = (concernId: string, personId: string, ownerId: string | undefined): ConcernOwnerChanged => ({
  type: 'ConcernOwnerChanged',
  data: { concernId, personId, ...(ownerId && { ownerId }) },
});

const closed = ({ concernId, personId, kind }: Concern, outcome: AnyOutcome, closedAt: string): ConcernClosed => ({
  type: 'ConcernClosed',
  data: { concernId, personId, kind, outcome, closedAt },
});
