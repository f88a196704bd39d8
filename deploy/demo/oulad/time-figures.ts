import type { TimeAllocationServiceClient } from '@oppi/contracts/time_allocation/v1/time_allocation_service';
import { call, type Source } from './call';
import type { DataSet, TimeSheet } from './data-set';
import type { Ids } from './ids';
import { settled } from './settled';

/** The time of a presentation: entries and clicks of the files, minutes as the service has them. */
export type TimeFigures = Readonly<{ persons: number; entries: number; clicks: number; minutes: number }>;

/** By the key of a presentation, and what they lack when the service stood still before it had every entry. */
export type TimeReported = Readonly<{ time: Readonly<Record<string, TimeFigures>>; timeShortfall: string | undefined }>;

export type TimeSource = Source<TimeAllocationServiceClient>;

const callsAtOnce = 16;

/** What the persons of a presentation have logged from its first entry to its last day. */
const minutesOf = async ({ client, metadata }: TimeSource, sheet: TimeSheet, ids: Ids): Promise<number> => {
  const { calendar } = sheet.presentation;
  const days = { fromOn: calendar.dateOf(sheet.firstDay), untilOn: calendar.dateOf(calendar.lastDay + 1) };
  const rpc = client.getTimeAccount.bind(client);
  const credentials = metadata();
  const left = [...sheet.students];
  let minutes = 0;
  const ask = async (): Promise<void> => {
    for (let student = left.pop(); student !== undefined; student = left.pop()) {
      const request = { organisationId: ids.organisation, personId: ids.person(student), ...days };
      const { loggedMinutes } = await call(rpc, request, credentials);
      minutes += loggedMinutes; // not in one with the call: the others add to it meanwhile
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, ask));
  return minutes;
};

/** Reads the minutes of every presentation with time back, person by person, through the time-allocation API. */
export const readTimeFigures = async (
  source: TimeSource,
  { timeSheets }: DataSet,
  ids: Ids,
  patience: number,
): Promise<TimeReported> => {
  const time: Record<string, TimeFigures> = {};
  let timeShortfall: string | undefined;
  for (const sheet of timeSheets) {
    const { presentation, students, entryCount: entries, clicks } = sheet;
    const { seen: minutes, complete } = await settled(async () => {
      const found = await minutesOf(source, sheet, ids);
      return { seen: found, complete: found === sheet.minutes, state: String(found) };
    }, patience);
    if (!complete) timeShortfall = `Time-allocation has ${minutes} of ${sheet.minutes} minutes of ${presentation.key}.`;
    time[presentation.key] = { persons: students.length, entries, clicks, minutes };
  }
  return { time, timeShortfall };
};
