import type { Facts, StoredEvent } from '../facts';
import { groupBy, type Invariant } from './invariant';

const STATUS: Readonly<Record<string, string>> = {
  GoalProposed: 'proposed',
  GoalAgreed: 'agreed',
  GoalAttained: 'attained',
  AttainmentRevoked: 'agreed',
  GoalWithdrawn: 'withdrawn',
  GoalFellOverdue: 'overdue',
  GoalMissed: 'missed',
};

type GoalTruth = Readonly<{ organisationId: string; goalId: string; status: string; version: number; agreed: boolean }>;

/** What became of every goal, counted from its events by other code than the product's. */
const truthOf = ({ stores }: Facts): GoalTruth[] => {
  const events = stores.find(({ service }) => service === 'goal')?.events ?? [];
  const streams = groupBy(
    events.filter(({ streamId }) => streamId.startsWith('goal-')),
    ({ organisationId, streamId }) => `${organisationId} ${streamId}`,
  );
  return [...streams.values()].map((stream) => truthOfGoal(stream));
};

const truthOfGoal = (stream: readonly StoredEvent[]): GoalTruth => {
  const [first] = stream as [StoredEvent];
  const steps = stream.map(({ type }) => STATUS[type]).filter((status) => status !== undefined);
  return {
    organisationId: first.organisationId,
    goalId: first.streamId.slice('goal-'.length),
    status: steps.at(-1) ?? 'unset',
    version: stream.length,
    agreed: stream.some(({ type }) => type === 'GoalAgreed'),
  };
};

/** Read models are what a replay gives: a rebuild beside them finds the same rows, and a count by other code the same sums. */
export const replayed: Invariant = {
  id: 'I7',
  title: 'projection = replay',
  check: (facts) => {
    const listed = new Map(facts.listed.map((goal) => [`${goal.organisationId} ${goal.goalId}`, goal]));
    return [
      ...facts.rebuilt.flatMap(({ service, name, equal }) =>
        equal ? [] : [`${service}'s ${name} is not what a rebuild gives`],
      ),
      ...truthOf(facts).flatMap(({ organisationId, goalId, status, version }) => {
        const shown = listed.get(`${organisationId} ${goalId}`);
        const isTrue = shown?.status === status && shown.version === version;
        return isTrue ? [] : [`goal lists ${goalId} as ${shown?.status} ${shown?.version}, not ${status} ${version}`];
      }),
    ];
  },
};

/** What reporting says of each organisation is what goal's log says. */
export const summed: Invariant = {
  id: 'I10',
  title: 'sums equal a count from the log',
  check: (facts) =>
    facts.figures
      .filter(({ organisationId }) => !facts.poisoned.includes(organisationId))
      .flatMap(({ organisationId, agreed, attained, withdrawn }) => {
        const own = truthOf(facts).filter((goal) => goal.organisationId === organisationId && goal.agreed);
        const count = (status: string): number => own.filter((goal) => goal.status === status).length;
        const expected = [own.length, count('attained'), count('withdrawn')].join(' ');
        const said = [agreed, attained, withdrawn].join(' ');
        return said === expected ? [] : [`${organisationId}: reporting says ${said}, goal's log ${expected}`];
      }),
};
