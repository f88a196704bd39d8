import type { ImportItem } from '@oppi/contracts/goal/v1/goal_service';
import type { ImportItem as TimeItem } from '@oppi/contracts/time_allocation/v1/time_allocation_service';
import type { DataSet, Registration, TimeSheet } from './data-set';
import type { Ids } from './ids';
import { Items } from './items';
import type { Stage } from './stages';

/** Who imports: the provider's operations, the client's manager and sponsor, the examination board. */
export type Role = 'operations' | 'manager' | 'sponsor' | 'verifier';

/** Items of one kind. Kinds follow each other, so items of one goal, which run one after the other, lie far apart. */
type Step<Item> = Readonly<{
  kind: string;
  count: number;
  items: () => Iterable<Item> | AsyncIterable<Item>;
}>;

/** One import stream under one token. Its items, and so their indexes, are the same on every run. */
export type Phase<Item> = Readonly<{ name: string; role: Role; importId: string; steps: readonly Step<Item>[] }>;

/** The streams of one stage, in their order: what a later one refers to, an earlier one has brought. */
export type StagePhases = Readonly<{
  stage: Stage;
  goal: readonly Phase<ImportItem>[];
  time: readonly Phase<TimeItem>[];
}>;

const step = <T, Item>(kind: string, rows: readonly T[], itemOf: (row: T) => Item): Step<Item> => ({
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

const progressStep = (data: DataSet, judged: readonly Registration[], items: Items): Step<ImportItem> => {
  const now = new Set(judged);
  return {
    kind: 'progress',
    count: judged.reduce((sum, one) => sum + (data.submissionCounts.get(one) ?? 0), 0),
    async *items() {
      for await (const submission of data.submissions())
        if (now.has(submission.registration)) yield items.progress(submission);
    },
  };
};

const timeStep = ({ entryCount, entries }: TimeSheet, items: Items): Step<TimeItem> => ({
  kind: 'days with clicks',
  count: entryCount,
  async *items() {
    for await (const entry of entries()) yield items.time(entry);
  },
});

/** The import is named by its data: a changed file is another import, never the rest of this one. */
const importIdOf = ({ fingerprint }: Ids, ...name: string[]): string =>
  ['oulad', fingerprint.slice(0, 16), ...name].join('-');

const goalPhases = (data: DataSet, ids: Ids, stage: Stage): Phase<ImportItem>[] => {
  const items = new Items(ids);
  const { date, modules, students, presentations, registrations, judged } = stage;
  const phase = (name: string, role: Role, ...steps: Step<ImportItem>[]) => {
    return { name, role, importId: importIdOf(ids, date, name), steps };
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
      'promise',
      'operations',
      step('commitments', presentations, (one) => items.promise(one, registrations)),
      step('commitments agreed by operations', presentations, (one) => items.promiseAgreement(one)),
    ),
    phase(
      'accept',
      'sponsor',
      step('commitments agreed by the client', presentations, (one) => items.promiseAgreement(one)),
    ),
    phase(
      'study',
      'operations',
      progressStep(data, judged, items),
      someStep('leavings', judged, (one) => items.leaving(one)),
      step('board results', judged, (one) => items.boardResult(one)),
    ),
    phase(
      'judge',
      'verifier',
      step('acceptances', judged, (one) => items.acceptance(one)),
      someStep('missed', judged, (one) => items.miss(one)),
      someStep('withdrawn', judged, (one) => items.withdrawal(one)),
    ),
  ].filter((one) => sizeOf(one) > 0);
};

/** The streams of a stage: those into goal, and then one into time-allocation for each presentation with its clicks. */
export const phasesOf = (data: DataSet, ids: Ids, stage: Stage): StagePhases => ({
  stage,
  goal: goalPhases(data, ids, stage),
  time: stage.timeSheets.map((sheet) => ({
    name: 'time',
    role: 'operations',
    importId: importIdOf(ids, 'time', sheet.presentation.key.replace('/', '-')),
    steps: [timeStep(sheet, new Items(ids))],
  })),
});

/** The board takes some of its results back. */
export const correctionOf = (ids: Ids, registrations: readonly Registration[]): Phase<ImportItem> => {
  const items = new Items(ids);
  const steps = [step('board results voided', registrations, (one) => items.voiding(one))];
  return { name: 'correct', role: 'verifier', importId: importIdOf(ids, 'correct'), steps };
};

/** How many items a phase has. */
export const sizeOf = ({ steps }: Phase<unknown>): number => steps.reduce((sum, { count }) => sum + count, 0);

/** The items of a phase from an index on. Whole steps before it are passed over unread. */
export async function* itemsFrom<Item>({ steps }: Phase<Item>, index: number): AsyncGenerator<Item> {
  let first = 0;
  for (const { count, items } of steps) {
    let at = first;
    first += count;
    if (first <= index) continue;
    for await (const item of items()) if (at++ >= index) yield item;
  }
}

/** The kind of the item at an index. */
export const kindAt = ({ steps }: Phase<unknown>, index: number): string => {
  let first = 0;
  for (const { kind, count } of steps) if (index < (first += count)) return kind;
  return 'beyond the end';
};
