import {
  Attainment,
  AttainmentLine,
  type GetAttainmentReportRequest,
  type GetAttainmentReportResponse,
  Participation,
  type ReportingServiceClient,
} from '@oppi/contracts/reporting/v1/reporting_service';
import { call, type Source } from './call';
import type { DataSet, Presentation } from './data-set';
import type { Ids } from './ids';
import { settled } from './settled';

/** Final figures of a presentation, a module or all. Rates in hundredths of a percent; null: nothing to divide by. */
export type AttainmentFigures = Readonly<{
  agreed: number;
  attained: number;
  missed: number;
  withdrawn: number;
  rateBasisPoints: number | null;
  rateWithoutWithdrawnBasisPoints: number | null;
}>;

/** A presentation as of a day: who registered, left and is in; and the goals agreed and decided by then. */
export type AsOfFigures = Readonly<{
  registered: number;
  left: number;
  open: number;
  agreed: number;
  attained: number;
  missed: number;
  withdrawn: number;
}>;

/**
 * The report. Keys are `AAA/2013J`, `AAA` and `all`; days are the number of a day, `end` (the last day) and `dayAfter`,
 * on which the board's results show for the first time.
 */
export type Figures = Readonly<{
  attainment: Readonly<Record<string, AttainmentFigures>>;
  asOf: Readonly<Record<string, Readonly<Record<string, AsOfFigures>>>>;
}>;

/** The figures, and what they lack when reporting stood still before it had every imported fact. */
export type Reported = Readonly<{ figures: Figures; shortfall: string | undefined }>;

/** The reporting API as the report's reader needs it. */
export type ReportSource = Source<ReportingServiceClient>;

export const shownDays = [0, 30, 60, 100, 150, 200] as const;
const callDeadline = 300_000;

const fetchReport = (
  { client, metadata }: ReportSource,
  request: GetAttainmentReportRequest,
): Promise<GetAttainmentReportResponse> =>
  call(client.getAttainmentReport.bind(client), request, metadata(), callDeadline);

const noAttainment = Attainment.fromPartial({});
const noParticipation = Participation.fromPartial({});
const noLine = AttainmentLine.fromPartial({});

const attainmentOf = ({ attainment = noAttainment }: AttainmentLine): AttainmentFigures => {
  const { agreed, attained, missed, withdrawn, ...rates } = attainment;
  const rateBasisPoints = rates.rateBasisPoints ?? null;
  const rateWithoutWithdrawnBasisPoints = rates.rateWithoutWithdrawnBasisPoints ?? null;
  return { agreed, attained, missed, withdrawn, rateBasisPoints, rateWithoutWithdrawnBasisPoints };
};

const asOfOf = (line: AttainmentLine): AsOfFigures => {
  const { registered, left, open } = line.participation ?? noParticipation;
  const { agreed, attained, missed, withdrawn } = attainmentOf(line);
  return { registered, left, open, agreed, attained, missed, withdrawn };
};

/** A team's line; none when its definition was refused. */
const lineOf = ({ teams }: GetAttainmentReportResponse, teamId: string): AttainmentLine | undefined =>
  teams.find((team) => team.teamId === teamId);

/** What each count of the report must come to when every fact is in. A count can only grow by a fact that is counted. */
type Expected = Readonly<{ registered: number; left: number; agreed: number; decided: number }>;

const expectedOf = ({ registrations }: DataSet, voided: number): Expected => {
  const all = registrations.length;
  return {
    registered: all,
    left: registrations.filter((one) => one.leftDay !== undefined).length,
    agreed: all,
    decided: all - voided,
  };
};

const foundIn = ({ organisation = noLine }: GetAttainmentReportResponse): Expected => {
  const { registered, left, agreed, attained, missed, withdrawn } = asOfOf(organisation);
  return { registered, left, agreed, decided: attained + missed + withdrawn };
};

/** Which report is meant: as known at a time or now, how many attainments have fallen by then, and how long to wait for it. */
export type Known = Readonly<{ knownAt?: string | undefined; voided: number; patience: number }>;

/**
 * Waits until reporting has every fact of the import: joinings, leavings, agreements and decisions are counted one by one,
 * so when all four counts have come to their full number, no fact that moves a figure is still on its way. Gives the final
 * report; with a shortfall when reporting's inbox stood still for `patience` milliseconds before that.
 */
const finalReport = async (
  source: ReportSource,
  data: DataSet,
  organisationId: string,
  { knownAt, voided, patience }: Known,
) => {
  const expected = JSON.stringify(expectedOf(data, voided));
  const { seen, complete } = await settled(async () => {
    const report = await fetchReport(source, { organisationId, knownAt });
    const { inboxPosition = '', complete: whole = false, parkedMessages = 0 } = report.basis ?? {};
    const found = JSON.stringify(foundIn(report));
    const lacking = `Reporting has ${found} of ${expected}; ${parkedMessages} messages are parked.`;
    return { seen: { report, lacking }, complete: found === expected && whole, state: inboxPosition };
  }, patience);
  return { report: seen.report, shortfall: complete ? undefined : seen.lacking };
};

const daysOf = ({ calendar }: Presentation): Record<string, number> => ({
  ...Object.fromEntries(shownDays.map((day) => [String(day), day])),
  end: calendar.lastDay,
  dayAfter: calendar.lastDay + 1,
});

const readAsOf = async (
  source: ReportSource,
  data: DataSet,
  ids: Ids,
  knownAt: string | undefined,
): Promise<Figures['asOf']> => {
  const asOf: Record<string, Record<string, AsOfFigures>> = {};
  // Presentations share their days, and one report has them all: each date is asked for once.
  const reports = new Map<string, GetAttainmentReportResponse>();
  for (const presentation of data.presentations) {
    const days: Record<string, AsOfFigures> = {};
    for (const [label, day] of Object.entries(daysOf(presentation))) {
      const on = presentation.calendar.dateOf(day);
      const report = reports.get(on) ?? (await fetchReport(source, { organisationId: ids.organisation, on, knownAt }));
      reports.set(on, report);
      const line = lineOf(report, ids.team(presentation.key));
      if (line) days[label] = asOfOf(line);
    }
    asOf[presentation.key] = days;
  }
  return asOf;
};

/** The final figures alone, once reporting has caught up or stands still for `patience` milliseconds. */
export const readAttainment = async (
  source: ReportSource,
  data: DataSet,
  ids: Ids,
  known: Known,
): Promise<Readonly<{ attainment: Figures['attainment']; shortfall: string | undefined }>> => {
  const { report, shortfall } = await finalReport(source, data, ids.organisation, known);
  const attainment: Record<string, AttainmentFigures> = {};
  for (const key of new Set(data.presentations.flatMap((one) => [one.key, one.module]))) {
    const line = lineOf(report, ids.team(key));
    if (line) attainment[key] = attainmentOf(line);
  }
  if (report.organisation) attainment['all'] = attainmentOf(report.organisation);
  return { attainment, shortfall };
};

/** Reads the report through the reporting API: the final figures, and those as of the days of each presentation. */
export const readFigures = async (source: ReportSource, data: DataSet, ids: Ids, known: Known): Promise<Reported> => {
  const { attainment, shortfall } = await readAttainment(source, data, ids, known);
  return { figures: { attainment, asOf: await readAsOf(source, data, ids, known.knownAt) }, shortfall };
};
