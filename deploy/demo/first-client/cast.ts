import type { DateTime } from 'luxon';
import { fixedUuid } from '../../local/roles';

/** Where the demo client is. */
export const ZONE = 'Europe/Helsinki';
export const TEAMS = ['Customer care', 'Claims', 'Onboarding'] as const;
export type Team = (typeof TEAMS)[number];

/** Nobody of these exists. */
export const PEOPLE: readonly (readonly [name: string, team: Team])[] = [
  ['Ann Example', 'Claims'],
  ['Bo Sample', 'Claims'],
  ['Cilla Specimen', 'Claims'],
  ['Dag Placeholder', 'Claims'],
  ['Ebba Invented', 'Onboarding'],
  ['Finn Fictional', 'Onboarding'],
  ['Greta Madeup', 'Onboarding'],
  ['Hugo Nobody', 'Onboarding'],
];

export const VISION = 'Every customer gets, in one contact, an answer that settles the matter.';

/** What the organisation cannot do well enough for its vision yet; levels from 0 to 5. */
export const GAPS = [
  {
    key: 'settling',
    competence: 'Settling claims alone',
    team: 'Claims' as Team,
    currentLevel: 2,
    targetLevel: 4,
    route: 'build',
    core: true,
  },
  {
    key: 'newcomers',
    competence: 'Bringing newcomers in',
    team: 'Onboarding' as Team,
    targetLevel: 3,
    route: 'build',
    core: false,
  },
] as const;
export type GapKey = (typeof GAPS)[number]['key'];

/** Id of a thing of the demo client; the same at every load. */
export const id = (...parts: readonly (string | number)[]): string => fixedUuid(`first client ${parts.join(' ')}`);

/** What each goal asks for. */
export const criterion = { criterionId: 'shown', evidenceKind: 'work-sample' };

/** Local date, some days from a day. */
export const dateOf = (day: DateTime, days: number): string => day.plus({ days }).toISODate() ?? '';

const utc = (time: DateTime): string => time.toUTC().toISO({ suppressMilliseconds: true }) ?? '';

/** 09:00 in the client's time zone, some days from the day the loading began; RFC 3339. */
export const morning = (day: DateTime, days: number): string => utc(day.plus({ days }).set({ hour: 9 }));

/** 00:00 of the day the loading began: the latest moment of that day that has passed at any hour of it. */
export const midnight = (day: DateTime): string => utc(day);
