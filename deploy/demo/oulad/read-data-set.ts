import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { DataSetError, tableFile } from './csv';
import type { DataSet, Registration, Submission } from './data-set';
import { OddRows } from './odd-rows';
import { readAssessments, readPresentations } from './read-presentations';
import { readRegistrations } from './read-registrations';
import { readSubmissions } from './read-submissions';

const tables = ['courses', 'assessments', 'studentInfo', 'studentRegistration', 'studentAssessment'] as const;

const fingerprintOf = async (folder: string): Promise<string> => {
  const hash = createHash('sha256');
  for (const table of tables) await pipeline(createReadStream(tableFile(folder, table)), hash, { end: false });
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

/** Reads a data set and counts its odd rows. Throws DataSetError, one line, for a folder that is not one. */
export const readDataSet = async (folder: string): Promise<DataSet> => {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new DataSetError(`${folder} is no folder.`);
  const oddRows = new OddRows();
  const fingerprint = await fingerprintOf(folder);
  const presentations = await readPresentations(folder);
  const assessments = await readAssessments(folder, presentations, oddRows);
  const registrations = await readRegistrations(folder, presentations, oddRows);
  const submissions = () => readSubmissions(folder, assessments, registrations);

  let submissionCount = 0;
  const submitted = new Set<Registration>();
  for await (const submission of submissions()) {
    submissionCount++;
    submitted.add(submission.registration);
    countOddSubmission(submission, oddRows);
  }
  const all = [...registrations.values()];
  for (const one of all) {
    const passed = one.result === 'Pass' || one.result === 'Distinction';
    oddRows.count('passed-without-submission', passed && !submitted.has(one));
  }
  const students = [...new Set(all.map(({ student }) => student))];
  const content = { fingerprint, presentations: [...presentations.values()], registrations: all, students };
  return { ...content, submissionCount, oddRows, submissions };
};
