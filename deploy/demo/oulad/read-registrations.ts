import { DataSetError, readTable, wholeNumber } from './csv';
import { finalResults, type Presentation, type Registration } from './data-set';
import { sha256 } from './ids';
import type { OddRows } from './odd-rows';
import { presentationIn } from './read-presentations';

const dateColumns = ['code_module', 'code_presentation', 'id_student', 'date_registration', 'date_unregistration'];
type Dates = Readonly<{ registeredDay: number | undefined; leftDay: number | undefined }>;

const readDates = async (folder: string): Promise<Map<string, Dates>> => {
  const dates = new Map<string, Dates>();
  for await (const row of readTable(folder, 'studentRegistration', dateColumns)) {
    const key = row.cells.slice(0, 3).join('/');
    if (dates.has(key)) throw new DataSetError(`studentRegistration row ${row.number}: is there twice.`);
    const registeredDay = wholeNumber('studentRegistration', row, 3);
    dates.set(key, { registeredDay, leftDay: wholeNumber('studentRegistration', row, 4) });
  }
  return dates;
};

const infoColumns = (
  'code_module,code_presentation,id_student,gender,region,highest_education,imd_band,age_band,' +
  'num_of_prev_attempts,studied_credits,disability,final_result'
).split(',');

/**
 * The registrations by key, with their dates. Of the person only the number is read: region, age, sex and the rest have
 * no place in this product.
 */
export const readRegistrations = async (folder: string, presentations: Map<string, Presentation>, odd: OddRows) => {
  const dates = await readDates(folder);
  const registrations = new Map<string, Registration>();
  for await (const row of readTable(folder, 'studentInfo', infoColumns)) {
    const presentation = presentationIn(presentations, 'studentInfo', row);
    const student = row.cells[2] ?? '';
    const key = `${presentation.key}/${student}`;
    const found = dates.get(key);
    if (!found) throw new DataSetError(`studentInfo row ${row.number}: in no row of studentRegistration.`);
    const result = finalResults.find((one) => one === row.cells[11]);
    if (!result) throw new DataSetError(`studentInfo row ${row.number}: "${row.cells[11]}" is no final result.`);
    if (registrations.has(key))
      throw new DataSetError(`studentInfo row ${row.number}: the registration is there twice.`);
    const registration = { key, student, presentation, ...found, result, row: row.number, rowHash: sha256(row.raw) };
    registrations.set(key, registration);
    countOddRegistration(registration, odd);
  }
  if (registrations.size !== dates.size)
    throw new DataSetError('studentRegistration: has rows that studentInfo has not.');
  return registrations;
};

const countOddRegistration = ({ registeredDay, leftDay, result, presentation }: Registration, odd: OddRows): void => {
  odd.count('registration-without-date', registeredDay === undefined);
  odd.count('withdrawn-without-date', result === 'Withdrawn' && leftDay === undefined);
  if (leftDay === undefined) return;
  odd.count('left-before-first-day', leftDay < 0);
  odd.count('left-on-registration-day', leftDay === registeredDay);
  odd.count('left-after-the-end', leftDay > presentation.calendar.lastDay);
  odd.count('failed-although-left', result === 'Fail');
};
