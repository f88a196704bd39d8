import { EventStore } from '@oppi/event-store';
import { type InboxEvent, InboxLog } from '@oppi/messaging';
import { Injectable } from '@nestjs/common';
import type { Recorded } from '@oppi/event-sourcing';
import { uuid } from '@oppi/service';
import { z } from 'zod';
import { chargesStream } from '../domain/charges';
import { statementStream } from '../domain/statement';
import type { Ledger } from '../ledger/ledger-reader';
import type { Promised } from '../ledger/promised';
import { type Line, lineView, period, viewOf } from '../ledger/line-view';
import { explainDecision, explainedEvent, explainFact, explainGoal } from './explained-event';
import { lineText } from './line-text';

export const explainedLine = z
  .strictObject({
    line: lineView,
    decisions: z.array(explainedEvent),
    commitmentEvents: z.array(explainedEvent),
    goalEvents: z.array(explainedEvent),
    evidenceIds: z.array(uuid),
    statementPeriod: period.optional(),
  })
  .meta({ id: 'ExplainedLine' });
export type ExplainedLine = z.output<typeof explainedLine>;

type Known = Readonly<{ facts: readonly InboxEvent[]; decisions: readonly Recorded[] }>;

/** Walks lines back to what they rest on: reporting's own decisions, the promise, the goal and its evidence. */
@Injectable()
export class LineExplainer {
  constructor(
    private readonly inbox: InboxLog,
    private readonly store: EventStore,
  ) {}

  /** Each line with the events behind it, and as text to read. */
  async explain(ledger: Ledger, lines: readonly Line[]): Promise<{ lines: ExplainedLine[]; text: string }> {
    const { organisationId } = ledger.known;
    const issued = new Map(lines.map((line) => [line.lineId, ledger.issuedWith(line.period)?.period]));
    const subjects = new Set(lines.flatMap((line) => [`goal-${line.goalId}`, `commitment-${line.commitmentId}`]));
    const streams = new Set([
      ...lines.map((line) => chargesStream(line.commitmentId, line.goalId)),
      ...[...issued.values()].flatMap((found) => (found === undefined ? [] : [statementStream(found)])),
    ]);
    const known: Known = {
      facts: await this.inbox.readSubjects(organisationId, [...subjects]),
      decisions: await this.store.readStreams(organisationId, [...streams]),
    };
    const promises = await promisesOf(ledger, lines);
    const explained = lines.map((line) => explainOne(line, issued.get(line.lineId), known));
    const texts = explained.map((each) => lineText(each, promises.get(each.line.commitmentId), known.facts));
    return { lines: explained, text: texts.join('\n') };
  }
}

const explainOne = (line: Line, statementPeriod: string | undefined, { facts, decisions }: Known): ExplainedLine => {
  const own = chargesStream(line.commitmentId, line.goalId);
  const concerns = ({ streamId, data }: Recorded): boolean =>
    streamId === own
      ? (data as { outcomeNo: number }).outcomeNo === line.outcomeNo
      : statementPeriod !== undefined && streamId === statementStream(statementPeriod);
  return {
    line: viewOf(line),
    decisions: decisions.filter(concerns).map(explainDecision),
    commitmentEvents: facts.filter(({ subject }) => subject === `commitment-${line.commitmentId}`).map(explainFact),
    goalEvents: explainGoal(line.goalId, facts),
    evidenceIds: evidenceOf(line, decisions),
    ...(statementPeriod !== undefined && { statementPeriod }),
  };
};

/** A reversal rests on the evidence of the charge that it takes back. */
const evidenceOf = (line: Line, decisions: readonly Recorded[]): string[] => {
  const lineId = line.reversesLineId ?? line.lineId;
  const charge = decisions.find(({ data }) => (data as { lineId?: string }).lineId === lineId);
  return [...((charge?.data as { evidenceIds?: readonly string[] } | undefined)?.evidenceIds ?? [])];
};

const promisesOf = async (ledger: Ledger, lines: readonly Line[]): Promise<Map<string, Promised>> => {
  const promises = await ledger.promises([...new Set(lines.map((line) => line.commitmentId))]);
  return new Map(promises.map((promise) => [promise.commitmentId, promise]));
};
