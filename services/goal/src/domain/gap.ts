import { type Decider, DomainError, type Event } from '@oppi/event-sourcing';

export const ROUTES = ['build', 'buy', 'borrow', 'bot', 'accept'] as const;

/**
 * A competence that is missing, and how it is closed. Levels are 0 to 5 on the client's scale; without a current level it
 * was not assessed, which is not zero (rule K6). `core`: must be held in-house.
 */
export type GapTerms = Readonly<{
  gapId: string;
  competence: string;
  teamId?: string | undefined;
  currentLevel?: number | undefined;
  targetLevel: number;
  route: (typeof ROUTES)[number];
  core: boolean;
}>;
export type GapFound = Event<'GapFound', GapTerms>;
export type GapEvent = GapFound;

export type Gap = { status: 'unset' } | { status: 'found' };

export const gap: Decider<Gap, GapEvent> = {
  initial: { status: 'unset' },
  evolve: () => ({ status: 'found' }),
};

export const gapStream = (gapId: string): string => `gap-${gapId}`;

export const findGap = (state: Gap, terms: GapTerms): GapEvent[] => {
  if (state.status !== 'unset') throw new DomainError('conflict', 'gap-already-found', 'This gap is already recorded.');
  const { gapId, competence, teamId, currentLevel, targetLevel, route, core } = terms;
  if (currentLevel !== undefined && currentLevel >= targetLevel)
    throw new DomainError('refused', 'no-gap', 'The target level must be above the current one.');
  const known = { ...(teamId && { teamId }), ...(currentLevel !== undefined && { currentLevel }) };
  return [{ type: 'GapFound', data: { gapId, competence, ...known, targetLevel, route, core } }];
};

/** Refuses a reference to a gap that is not there. */
export const foundGap = (state: Gap): void => {
  if (state.status === 'unset')
    throw new DomainError('refused', 'gap-unknown', 'There is no such gap. Record it first.');
};
