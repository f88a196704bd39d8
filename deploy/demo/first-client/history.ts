import type { ImportItem } from '@oppi/contracts/goal/v1/goal_service';
import type { DateTime } from 'luxon';
import type { Role } from '../../local/roles';
import { criterion, dateOf, type GapKey, GAPS, id, midnight, morning, PEOPLE, type Team, TEAMS, VISION } from './cast';

/**
 * What becomes of a goal of the past weeks. `attained` and `voided` are shown forty days ago, so always in a month that is
 * over; `attained today` in the month of the loading. `voided` loses its ground after it was billed.
 */
type Fate =
  | 'proposed'
  | 'agreed'
  | 'in progress'
  | 'referred'
  | 'attained'
  | 'attained today'
  | 'voided'
  | 'missed'
  | 'withdrawn';

/** A goal that was proposed ninety days ago; `due` counts days from today. */
export type History = Readonly<{
  key: string;
  person?: number;
  team: Team;
  gap?: GapKey;
  statement: string;
  due: number;
  fate: Fate;
  /** Whether the commitment counts it. */
  promised?: true;
}>;

const claims = { team: 'Claims', gap: 'settling' } as const;
const onboarding = { team: 'Onboarding', gap: 'newcomers' } as const;
const promised = true;

export const HISTORY: readonly [History, ...History[]] = [
  {
    ...claims,
    key: 'estimates',
    person: 0,
    statement: 'Estimates a water damage alone',
    due: -20,
    fate: 'attained',
    promised,
  },
  {
    ...claims,
    key: 'appeals',
    person: 1,
    statement: 'Answers an appeal in plain words',
    due: -20,
    fate: 'attained',
    promised,
  },
  {
    ...claims,
    key: 'fraud',
    person: 2,
    statement: 'Recognises the five signs of fraud',
    due: 30,
    fate: 'voided',
    promised,
  },
  { ...claims, key: 'swedish', person: 3, statement: 'Handles a claim in Swedish', due: -10, fate: 'missed', promised },
  {
    ...claims,
    key: 'letters',
    person: 3,
    statement: 'Writes letters that need no second one',
    due: 25,
    fate: 'attained today',
    promised,
  },
  {
    ...onboarding,
    key: 'welcome',
    person: 4,
    statement: 'Leads a welcome meeting',
    due: 10,
    fate: 'attained today',
    promised,
  },
  { ...onboarding, key: 'tooling', person: 5, statement: 'Sets up accounts without help', due: 20, fate: 'withdrawn' },
  {
    ...onboarding,
    key: 'coaching',
    person: 6,
    statement: 'Coaches a newcomer for a week',
    due: 45,
    fate: 'in progress',
  },
  {
    ...onboarding,
    key: 'records',
    person: 7,
    statement: 'Keeps records that pass the audit',
    due: 60,
    fate: 'referred',
  },
  { ...onboarding, key: 'guide', statement: 'The team has a guide that newcomers use', due: 60, fate: 'agreed' },
  {
    team: 'Claims',
    key: 'cloud',
    person: 0,
    statement: 'Reads the cost report of the cloud',
    due: 90,
    fate: 'proposed',
  },
];

/** The promise: goals by a day, each at a price; one more than will be left when the correction has come. */
const COMMITMENT = { key: 'settled', name: 'Claims that settle', threshold: 5, due: 45, priceMinor: '49000' };

/** One command of an import; what stays out is filled in by the import or stays absent. */
export type Command = { [Name in keyof ImportItem]?: Partial<NonNullable<ImportItem[Name]>> };

const having = (...fates: readonly Fate[]): History[] => HISTORY.filter(({ fate }) => fates.includes(fate));
const goal = ({ key }: History): { goalId: string } => ({ goalId: id('goal', key) });
const evidence = (each: History): { goalId: string; evidenceId: string } => ({
  ...goal(each),
  evidenceId: id('evidence', each.key),
});
const commitment = { commitmentId: id('commitment', COMMITMENT.key) };

type At = (days: number) => { occurredAt: string };

const structure = (at: At): Command[] => [
  ...TEAMS.map((name, index) => ({
    defineTeam: { teamId: id('team', name), name, ...(index > 0 && { parentTeamId: id('team', TEAMS[0]) }) },
  })),
  ...PEOPLE.map(([name], index) => ({ addPerson: { personId: id('person', index), name } })),
  ...PEOPLE.map(([, team], index) => ({
    joinTeam: { personId: id('person', index), teamId: id('team', team), ...at(-120) },
  })),
  ...GAPS.map(({ key, team, ...gap }) => ({ findGap: { gapId: id('gap', key), teamId: id('team', team), ...gap } })),
];

const promises = (day: DateTime, at: At): Command[] => [
  ...HISTORY.map((each) => ({
    proposeGoal: {
      ...goal(each),
      ...(each.person !== undefined && { personId: id('person', each.person) }),
      ...(each.gap && { gapId: id('gap', each.gap) }),
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

const commitmentProposed = (day: DateTime, at: At): Command[] => [
  {
    proposeCommitment: {
      ...commitment,
      name: COMMITMENT.name,
      goalIds: HISTORY.filter((each) => each.promised).map((each) => goal(each).goalId),
      threshold: COMMITMENT.threshold,
      dueOn: dateOf(day, COMMITMENT.due),
      priceMinor: COMMITMENT.priceMinor,
      vatRateBasisPoints: 2_550,
    },
  },
  { agreeCommitment: { ...commitment, ...at(-80) } },
];

const sponsorAgrees = (at: At): Command[] => [
  { stateVision: { text: VISION, ...at(-100) } },
  { agreeCommitment: { ...commitment, ...at(-80) } },
];

const work = (at: At, today: { occurredAt: string }): Command[] => [
  ...having('in progress').map((each) => ({ reportProgress: { ...goal(each), percent: 60, ...at(-14) } })),
  ...having('withdrawn').map((each) => ({ withdrawGoal: { ...goal(each), reasonCode: 'role-changed', ...at(-40) } })),
  ...having('attained', 'voided', 'missed', 'referred').map((each) => ({
    submitEvidence: { ...evidence(each), kind: criterion.evidenceKind, ...at(-40) },
  })),
  ...having('attained today').map((each) => ({
    submitEvidence: { ...evidence(each), kind: criterion.evidenceKind, ...today },
  })),
];

const judgements = (day: DateTime, at: At, today: { occurredAt: string }): Command[] => [
  ...having('attained', 'voided').map((each) => ({
    acceptEvidence: { ...evidence(each), criterionIds: [criterion.criterionId], ...at(-38) },
  })),
  ...having('attained today').map((each) => ({
    acceptEvidence: { ...evidence(each), criterionIds: [criterion.criterionId], ...today },
  })),
  ...having('missed').map((each) => ({ acceptEvidence: { ...evidence(each), criterionIds: [], ...at(-28) } })),
  ...having('missed').map((each) => ({ missGoal: { ...evidence(each), ...at(-9) } })),
  ...having('referred').map((each) => ({
    referEvidence: { ...evidence(each), respondBy: dateOf(day, 14), comment: 'Two more records, please.' },
  })),
];

/** One import: who sends it, and what, in order. */
export type Batch = Readonly<{ importId: string; role: Role; items: readonly Command[] }>;

/** The past weeks as the imports that bring them in, in order. `day` is the day of the loading. */
export const imports = (day: DateTime): readonly Batch[] => {
  const at: At = (days) => ({ occurredAt: morning(day, days) });
  const today = { occurredAt: midnight(day) };
  return [
    { importId: 'first-client-structure', role: 'operations', items: [...structure(at), ...promises(day, at)] },
    { importId: 'first-client-agreed', role: 'manager', items: clientAgrees(at) },
    { importId: 'first-client-promise', role: 'operations', items: commitmentProposed(day, at) },
    { importId: 'first-client-sponsor', role: 'sponsor', items: sponsorAgrees(at) },
    { importId: 'first-client-work', role: 'operations', items: work(at, today) },
    { importId: 'first-client-judged', role: 'verifier', items: judgements(day, at, today) },
  ];
};

/** What comes out after the billing: evidence that never was the learner's own. */
export const correction: Batch = {
  importId: 'first-client-voided',
  role: 'verifier',
  items: having('voided').map((each) => ({
    voidEvidence: { ...evidence(each), reasonCode: 'not-own-work', comment: 'Written by two.' },
  })),
};
