import type { Attainment } from '../../domain/figures';
import type { Basis } from '../../figures/question';
import { eventText } from '../../texts/table';

type Event = Readonly<{
  type: string;
  actorId: string;
  actorRole: string;
  occurredAt: string;
  recordedAt: string;
  eventId: string;
}>;
type Goal = Readonly<{ goalId: string; outcome: string; events: readonly Event[] }>;

/** An explanation to read: the figure, then each goal with who did what and when. Times are UTC. */
export const explanationText = (attainment: Attainment, basis: Basis, goals: readonly Goal[]): string => {
  const { agreed, attained, missed, withdrawn, overdue, open } = attainment;
  const figure = `${attained.toString()} of ${agreed.toString()} agreed goals attained; ${missed.toString()} missed, ${withdrawn.toString()} withdrawn, ${overdue.toString()} overdue, ${open.toString()} open.`;
  const when = [
    basis.on ? `as of ${basis.on}` : 'final',
    basis.knownAt ? `as known at ${basis.knownAt}` : 'all that is recorded',
  ];
  const list = goals.flatMap((goal) => [
    '',
    `  goal ${goal.goalId}: ${goal.outcome}`,
    ...goal.events.map((event) => `    ${eventText(event)}`),
  ]);
  return [
    figure,
    `(${when.join(', ')}; inbox position ${basis.inboxPosition}, rules ${basis.ruleVersion})`,
    ...list,
    '',
  ].join('\n');
};
