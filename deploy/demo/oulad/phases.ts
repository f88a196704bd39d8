import type { ImportItem } from '@oppi/contracts/goal/v1/goal_service';
import type { DataSet, Registration } from './data-set';
import type { Ids } from './ids';
import { Items } from './items';

/** Who imports: the provider's operations, the client's manager, the examination board. */
export type Role = 'operations' | 'manager' | 'verifier';

/** Items of one kind. Kinds follow each other, so items of one goal, which run one after the other, lie far apart. */
type Step = Readonly<{
  kind: string;
  count: number;
  items: () => Iterable<ImportItem> | AsyncIterable<ImportItem>;
}>;

/** One import stream under one token. Its items, and so their indexes, are the same on every run. */
export type Phase = Readonly<{ name: string; role: Role; importId: string; steps: readonly Step[] }>;

const step = <T>(kind: string, rows: readonly T[], itemOf: (row: T) => ImportItem): Step => ({
  kind,
  count: rows.length,
  *items() {
    for (const row of rows) yield itemOf(row);
  },
});

/** A step of those rows that have such an item. */
const someStep = (
  kind: string,
  rows: readonly Registration[],
  itemOf: (row: Registration) => ImportItem | undefined,
) => {
  const having = rows.filter((row) => itemOf(row) !== undefined);
  return step(kind, having, (row) => itemOf(row) as ImportItem);
};

const progressStep = (data: DataSet, items: Items): Step => ({
  kind: 'progress',
  count: data.submissionCount,
  async *items() {
    for await (const submission of data.submissions()) yield items.progress(submission);
  },
});

/** The four streams of a data set, in their order: what a later one refers to, an earlier one has brought. */
export const phasesOf = (data: DataSet, ids: Ids): Phase[] => {
  const items = new Items(ids);
  const { presentations, registrations, students } = data;
  const modules = [...new Set(presentations.map(({ module }) => module))];
  const phase = (name: string, role: Role, ...steps: Step[]): Phase => {
    // The import is named by its data: a changed file is another import, never the rest of this one.
    return { name, role, importId: `oulad-${ids.fingerprint.slice(0, 16)}-${name}`, steps };
  };
  return [
    phase(
      'register',
      'operations',
      step('modules', modules, (one) => items.module(one)),
      step('presentations', presentations, (one) => items.presentation(one)),
      step('persons', students, (one) => items.person(one)),
      step('memberships', registrations, (one) => items.joining(one)),
      step('proposals', registrations, (one) => items.proposal(one)),
      step('agreements by operations', registrations, (one) => items.agreement(one)),
    ),
    phase(
      'agree',
      'manager',
      step('agreements by the client', registrations, (one) => items.agreement(one)),
    ),
    phase(
      'study',
      'operations',
      progressStep(data, items),
      someStep('leavings', registrations, (one) => items.leaving(one)),
      step('board results', registrations, (one) => items.boardResult(one)),
    ),
    phase(
      'judge',
      'verifier',
      step('acceptances', registrations, (one) => items.acceptance(one)),
      someStep('missed', registrations, (one) => items.miss(one)),
      someStep('withdrawn', registrations, (one) => items.withdrawal(one)),
    ),
  ];
};

/** How many items a phase has. */
export const sizeOf = ({ steps }: Phase): number => steps.reduce((sum, { count }) => sum + count, 0);

/** The items of a phase from an index on. Whole steps before it are passed over unread. */
export async function* itemsFrom({ steps }: Phase, index: number): AsyncGenerator<ImportItem> {
  let first = 0;
  for (const { count, items } of steps) {
    let at = first;
    first += count;
    if (first <= index) continue;
    for await (const item of items()) if (at++ >= index) yield item;
  }
}

/** The kind of the item at an index. */
export const kindAt = ({ steps }: Phase, index: number): string => {
  let first = 0;
  for (const { kind, count } of steps) if (index < (first += count)) return kind;
  return 'beyond the end';
};
