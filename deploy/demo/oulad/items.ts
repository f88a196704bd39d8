import type { ImportItem } from '@oppi/contracts/goal/v1/goal_service';
import type { ImportItem as TimeItem } from '@oppi/contracts/time_allocation/v1/time_allocation_service';
import { terms, thresholdOf } from './commitments';
import { hasPassed, type Presentation, type Registration, type Submission, type TimeEntry } from './data-set';
import type { Ids } from './ids';

// The import fills in the key and the organisation of every item.
const blank = { requestId: '', organisationId: '' } as const;

const criterionId = 'board';
const evidenceKind = 'board-result';

/** When a registration began: 00:00 of its day, or the plain statement that nobody knows. */
const since = ({ presentation, registeredDay }: Registration) =>
  registeredDay === undefined
    ? { dateUnknown: true }
    : { dateUnknown: false, occurredAt: presentation.calendar.startOf(registeredDay) };

/** The commands that the data set is told in, one function a kind. Pure: the same row always gives the same command. */
export class Items {
  constructor(private readonly ids: Ids) {}

  module(module: string): ImportItem {
    return { defineTeam: { ...blank, teamId: this.ids.team(module), name: module } };
  }

  presentation({ key, module, run }: Presentation): ImportItem {
    const parentTeamId = this.ids.team(module);
    return { defineTeam: { ...blank, teamId: this.ids.team(key), name: `${module} ${run}`, parentTeamId } };
  }

  person(student: string): ImportItem {
    return { addPerson: { ...blank, personId: this.ids.person(student), externalId: student } };
  }

  joining(registration: Registration): ImportItem {
    return { joinTeam: { ...blank, ...this.membership(registration), ...since(registration) } };
  }

  /** Nothing for those who never left: leaving is its own fact, whatever the result. */
  leaving(registration: Registration): ImportItem | undefined {
    const { leftDay, presentation } = registration;
    if (leftDay === undefined) return undefined;
    const occurredAt = presentation.calendar.startOf(leftDay);
    return { leaveTeam: { ...blank, ...this.membership(registration), occurredAt } };
  }

  proposal(registration: Registration): ImportItem {
    const { module, run, calendar, assessments } = registration.presentation;
    const milestones = assessments.map(({ id, dueDay, weightBasisPoints }) => ({
      milestoneId: id,
      weightBasisPoints,
      ...(dueDay === undefined ? {} : { dueOn: calendar.dateOf(dueDay) }),
    }));
    const what = {
      statement: `Pass ${module} ${run}`,
      dueOn: calendar.dateOf(calendar.lastDay),
      milestones,
      activities: [],
    };
    const criteria = [{ criterionId, evidenceKind }];
    const scope = { ...this.goal(registration), ...this.membership(registration) };
    return { proposeGoal: { ...blank, ...scope, ...what, criteria, ...since(registration) } };
  }

  /** One party's agreement; whose it is follows from who imports it. */
  agreement(registration: Registration): ImportItem {
    return { agreeGoal: { ...blank, ...this.goal(registration), ...since(registration) } };
  }

  /** What the provider promises for a presentation: enough of its goals attained by its last day. */
  promise({ key, module, run, calendar }: Presentation, registrations: readonly Registration[]): ImportItem {
    const { priceMinor, vatRateBasisPoints } = terms;
    const promised = registrations.filter(({ presentation }) => presentation.key === key);
    const list = { goalIds: promised.map((one) => this.ids.goal(one.key)), threshold: thresholdOf(promised) };
    const by = { dueOn: calendar.dateOf(calendar.lastDay), priceMinor: String(priceMinor), vatRateBasisPoints };
    return { proposeCommitment: { ...blank, ...this.commitment(key), name: `${module} ${run}`, ...list, ...by } };
  }

  /** One party's agreement to the promise, from the presentation's first day. */
  promiseAgreement({ key, calendar }: Presentation): ImportItem {
    return { agreeCommitment: { ...blank, ...this.commitment(key), occurredAt: calendar.startOf(0) } };
  }

  progress({ registration, assessment, day, banked, score }: Submission): ImportItem {
    const occurredAt = registration.presentation.calendar.startOf(day);
    const measure = score === undefined ? {} : { percent: score };
    const what = { milestoneId: assessment.id, ...measure, carriedOver: banked, occurredAt };
    return { reportProgress: { ...blank, ...this.goal(registration), ...what } };
  }

  /** A day's time, for the goal of its presentation. */
  time({ registration, day, minutes }: TimeEntry): TimeItem {
    const { key, student, presentation } = registration;
    const entry = { on: presentation.calendar.dateOf(day), entryId: this.ids.timeEntry(key, day), minutes };
    return { logTime: { ...blank, personId: this.ids.person(student), ...this.goal(registration), ...entry } };
  }

  /** The board's result. The source is named by table and row: the student's number is personal and stays in the vault. */
  boardResult(registration: Registration): ImportItem {
    const { presentation, row, rowHash } = registration;
    const source = { sourceId: `studentInfo:${row}`, contentHash: rowHash, occurredAt: presentation.calendar.end };
    return { submitEvidence: { ...blank, ...this.evidence(registration), kind: evidenceKind, ...source } };
  }

  /** The board accepts its result in every case; only a pass meets the criterion. */
  acceptance(registration: Registration): ImportItem {
    const criterionIds = hasPassed(registration) ? [criterionId] : [];
    const occurredAt = registration.presentation.calendar.end;
    return { acceptEvidence: { ...blank, ...this.evidence(registration), criterionIds, occurredAt } };
  }

  /** Nothing unless the student failed. */
  miss(registration: Registration): ImportItem | undefined {
    if (registration.result !== 'Fail') return undefined;
    const occurredAt = registration.presentation.calendar.end;
    return { missGoal: { ...blank, ...this.evidence(registration), occurredAt } };
  }

  /** Nothing unless the student withdrew. Without a date the withdrawal counts from the end. */
  withdrawal(registration: Registration): ImportItem | undefined {
    if (registration.result !== 'Withdrawn') return undefined;
    const { leftDay, presentation } = registration;
    const occurredAt = leftDay === undefined ? presentation.calendar.end : presentation.calendar.startOf(leftDay);
    return { withdrawGoal: { ...blank, ...this.evidence(registration), reasonCode: 'withdrawn', occurredAt } };
  }

  /** The board takes its result back: it never was valid. */
  voiding(registration: Registration): ImportItem {
    return { voidEvidence: { ...blank, ...this.evidence(registration), reasonCode: 'board-result-withdrawn' } };
  }

  private commitment(presentation: string) {
    return { commitmentId: this.ids.commitment(presentation) };
  }

  private membership({ student, presentation }: Registration) {
    return { personId: this.ids.person(student), teamId: this.ids.team(presentation.key) };
  }

  private goal({ key }: Registration) {
    return { goalId: this.ids.goal(key) };
  }

  private evidence(registration: Registration) {
    return { ...this.goal(registration), evidenceId: this.ids.boardResult(registration.key) };
  }
}
