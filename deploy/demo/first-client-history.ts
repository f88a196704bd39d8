import type { ImportItem } from '@oppi/contracts/goal/v1/goal_service';
import type { DateTime } from 'luxon';
import { fixedUuid, type Role } from '../local/roles';

/** Where the demo client is. */
export const ZONE = 'Europe/Helsinki';
const TEAMS = ['Customer care', 'Claims', 'Onboarding'] as const;
type Team = (typeof TEAMS)[number];

/** Nobody of these exists. */
const PEOPLE: readonly (readonly [name: string, team: Team])[] = [
  ['Ann Example', 'Claims'],
  ['Bo Sample', 'Claims'],
  ['Cilla Specimen', 'Claims'],
  ['Dag Placeholder', 'Claims'],
  ['Ebba Invented', 'Onboarding'],
  ['Finn Fictional', 'Onboarding'],
  ['Greta Madeup', 'Onboarding'],
  ['Hugo Nobody', 'Onboarding'],
];

/** What becomes of a goal of the past weeks. `voided` is attained first, and loses its ground later. */
type Fate = 'proposed' | 'agreed' | 'in progress' | 'referred' | 'attained' | 'voided' | 'missed' | 'withdrawn';

/** A goal that was proposed ninety days ago; `due` counts days from today. */
export type History = Readonly<{
  key: string;
  person?: number;
  team: Team;
  statement: string;
  due: number;
  fate: Fate;
}>;

export const HISTORY: readonly [History, ...History[]] = [
  {
    key: 'estimates',
    person: 0,
    team: 'Claims',
    statement: 'Estimates a water damage alone',
    due: -20,
    fate: 'attained',
  },
  {
    key: 'appeals',
    person: 1,
    team: 'Claims',
    statement: 'Answers an appeal in plain words',
    due: -20,
    fate: 'attained',
  },
  { key: 'fraud', person: 2, team: 'Claims', statement: 'Recognises the five signs of fraud', due: 30, fate: 'voided' },
  { key: 'swedish', person: 3, team: 'Claims', statement: 'Handles a claim in Swedish', due: -10, fate: 'missed' },
  { key: 'welcome', person: 4, team: 'Onboarding', statement: 'Leads a welcome meeting', due: -5, fate: 'attained' },
  {
    key: 'tooling',
    person: 5,
    team: 'Onboarding',
    statement: 'Sets up accounts without help',
    due: 20,
    fate: 'withdrawn',
  },
  {
    key: 'coaching',
    person: 6,
    team: 'Onboarding',
    statement: 'Coaches a newcomer for a week',
    due: 45,
    fate: 'in progress',
  },
  {
    key: 'records',
    person: 7,
    team: 'Onboarding',
    statement: 'Keeps records that pass the audit',
    due: 60,
    fate: 'referred',
  },
  { key: 'guide', team: 'Onboarding', statement: 'The team has a guide that newcomers use', due: 60, fate: 'agreed' },
  {
    key: 'cloud',
    person: 0,
    team: 'Claims',
    statement: 'Reads the cost report of the cloud',
    due: 90,
    fate: 'proposed',
  },
];

/** A goal of today, through plain calls: its due date passes before our eyes. */
export const LIVE = {
  key: 'first call',
  person: 1,
  team: 'Claims' as Team,
  statement: 'Solves nine of ten questions in the first call',
};

/** Id of a thing of the demo client; the same at every load. */
export const id = (...parts: readonly (string | number)[]): string => fixedUuid(`first client ${parts.join(' ')}`);
/** What each goal asks for. */
export const criterion = { criterionId: 'shown', evidenceKind: 'work-sample' };

/** 09:00 in the client's time zone, some days from the day the loading began; RFC 3339. */
const morning = (day: DateTime, days: number): string =>
  day.plus({ days }).set({ hour: 9 }).toUTC().toISO({ suppressMilliseconds: true }) ?? '';

/** Local date, some days from a day. */
export const dateOf = (day: DateTime, days: number): string => day.plus({ days }).toISODate() ?? '';

/** One command of an import; what stays out is filled in by the import or stays absent. */
export type Command = { [Name in keyof ImportItem]?: Partial<NonNullable<ImportItem[Name]>> };

const having = (...fates: readonly Fate[]): History[] => HISTORY.filter(({ fate }) => fates.includes(fate));
const goal = ({ key }: History): { goalId: string } => ({ goalId: id('goal', key) });
const evidence = (each: History): { goalId: string; evidenceId: string } => ({
  ...goal(each),
  evidenceId: id('evidence', each.key),
});

type At = (days: number) => { occurredAt: string };

const structure = (at: At): Command[] => [
  ...TEAMS.map((name, index) => ({
    defineTeam: { teamId: id('team', name), name, ...(index > 0 && { parentTeamId: id('team', TEAMS[0]) }) },
  })),
  ...PEOPLE.map(([name], index) => ({ addPerson: { personId: id('person', index), name } })),
  ...PEOPLE.map(([, team], index) => ({
    joinTeam: { personId: id('person', index), teamId: id('team', team), ...at(-120) },
  })),
];

const promises = (day: DateTime, at: At): Command[] => [
  ...HISTORY.map((each) => ({
    proposeGoal: {
      ...goal(each),
      ...(each.person !== undefined && { personId: id('person', each.person) }),
      teamId: id('team', each.team),
      statement: each.statement,
      dueOn: dateOf(day, each.due),
      criteria: [criterion],
      ...at(-90),
    },
  })),
  ...HISTORY.map((each) => ({ agreeGoal: { ...goal(each), ...at(-90) } })),
];

const clientAgrees = (at: At): Command[] =>
  HISTORY.filter(({ fate }) => fate !== 'proposed').map((each) => ({ agreeGoal: { ...goal(each), ...at(-84) } }));

const work = (at: At): Command[] => [
  ...having('in progress').map((each) => ({ reportProgress: { ...goal(each), percent: 60, ...at(-14) } })),
  ...having('withdrawn').map((each) => ({ withdrawGoal: { ...goal(each), reasonCode: 'role-changed', ...at(-40) } })),
  ...having('attained', 'voided', 'missed', 'referred').map((each) => ({
    submitEvidence: { ...evidence(each), kind: criterion.evidenceKind, ...at(-30) },
  })),
];

const judgements = (day: DateTime, at: At): Command[] => [
  ...having('attained', 'voided').map((each) => ({
    acceptEvidence: { ...evidence(each), criterionIds: [criterion.criterionId], ...at(-28) },
  })),
  ...having('missed').map((each) => ({ acceptEvidence: { ...evidence(each), criterionIds: [], ...at(-28) } })),
  ...having('missed').map((each) => ({ missGoal: { ...evidence(each), ...at(-9) } })),
  ...having('referred').map((each) => ({
    referEvidence: { ...evidence(each), respondBy: dateOf(day, 14), comment: 'Two more records, please.' },
  })),
  ...having('voided').map((each) => ({
    voidEvidence: { ...evidence(each), reasonCode: 'not-own-work', comment: 'Written by two.' },
  })),
];

/** The past weeks as the imports that bring them in: who sends, and what, in order. `day` is the day of the loading. */
export const imports = (day: DateTime): readonly (readonly [role: Role, items: readonly Command[]])[] => {
  const at: At = (days) => ({ occurredAt: morning(day, days) });
  return [
    ['operations', [...structure(at), ...promises(day, at)]],
    ['manager', clientAgrees(at)],
    ['operations', work(at)],
    ['verifier', judgements(day, at)],
  ];
};
