import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { DataSetError, hasTable, tableFile } from './csv';
import { type DataSet, hasPassed, type Presentation, type Registration, type Submission } from './data-set';
import { OddRows } from './odd-rows';
import { readAssessments, readPresentations } from './read-presentations';
import { readRegistrations } from './read-registrations';
import { readSubmissions } from './read-submissions';
import { readTimeSheet, timeTable } from './read-time';

const tables = ['courses', 'assessments', 'studentInfo', 'studentRegistration', 'studentAssessment'] as const;

/** Each file under its name, since a data set need not have them all. */
const fingerprintOf = async (folder: string, timeTables: readonly string[]): Promise<string> => {
  const hash = createHash('sha256');
  for (const table of [...tables, ...timeTables]) {
    hash.update(`${table}\n`);
    await pipeline(createReadStream(tableFile(folder, table)), hash, { end: false });
  }
  return hash.digest('hex');
};

const countOddSubmission = ({ registration, day, banked, score }: Submission, odd: OddRows): void => {
  const { registeredDay, leftDay, presentation } = registration;
  odd.count('submission-after-leaving', leftDay !== undefined && day > leftDay);
  odd.count('submission-after-the-end', day > presentation.calendar.lastDay);
  odd.count('submission-without-registration-date', registeredDay === undefined);
  odd.count('submission-without-score', score === undefined);
  odd.count('banked', banked);
  odd.count('banked-before-registration', banked && registeredDay !== undefined && day < registeredDay);
};

/** How many submissions each registration has, and the latest one after the end of its presentation. */
const countSubmissions = async (submissions: AsyncIterable<Submission>, odd: OddRows) => {
  const submissionCounts = new Map<Registration, number>();
  const lateDays = new Map<Registration, number>();
  for await (const submission of submissions) {
    const { registration, day } = submission;
    submissionCounts.set(registration, (submissionCounts.get(registration) ?? 0) + 1);
    if (day > registration.presentation.calendar.lastDay)
      lateDays.set(registration, Math.max(day, lateDays.get(registration) ?? day));
    countOddSubmission(submission, odd);
  }
  return { submissionCounts, lateDays };
};

const readTimeSheets = async (
  folder: string,
  presentations: readonly Presentation[],
  registrations: ReadonlyMap<string, Registration>,
  odd: OddRows,
) => {
  const timeSheets = [];
  for (const presentation of presentations)
    timeSheets.push(await readTimeSheet(folder, presentation, registrations, odd));
  return timeSheets;
};

/** Reads a data set and counts its odd rows. Throws DataSetError, one line, for a folder that is not one. */
export const readDataSet = async (folder: string): Promise<DataSet> => {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new DataSetError(`${folder} is no folder.`);
  const oddRows = new OddRows();
  const byKey = await readPresentations(folder);
  const presentations = [...byKey.values()];
  const timed = presentations.filter((one) => hasTable(folder, timeTable(one)));
  const fingerprint = await fingerprintOf(folder, timed.map(timeTable));
  const assessments = await readAssessments(folder, byKey, oddRows);
  const registrations = await readRegistrations(folder, byKey, oddRows);
  const submissions = () => readSubmissions(folder, assessments, registrations);

  const { submissionCounts, lateDays } = await countSubmissions(submissions(), oddRows);
  const all = [...registrations.values()];
  for (const one of all) {
    oddRows.count('passed-without-submission', hasPassed(one) && !submissionCounts.has(one));
    const { leftDay = 0, presentation } = one;
    if (leftDay > presentation.calendar.lastDay) lateDays.set(one, Math.max(leftDay, lateDays.get(one) ?? leftDay));
  }
  const students = [...new Set(all.map(({ student }) => student))];
  const submissionCount = [...submissionCounts.values()].reduce((sum, count) => sum + count, 0);
  const timeSheets = await readTimeSheets(folder, timed, registrations, oddRows);
  const content = { fingerprint, presentations, registrations: all, students, timeSheets };
  return { ...content, submissionCount, submissionCounts, lateDays, oddRows, submissions };
};
