import { PresentationCalendar } from './calendar';
import { DataSetError, readTable, type Row, wholeNumber } from './csv';
import type { Assessment, Presentation } from './data-set';
import type { OddRows } from './odd-rows';

const courseColumns = ['code_module', 'code_presentation', 'module_presentation_length'];

/** The presentations by key, still without assessments. */
export const readPresentations = async (folder: string): Promise<Map<string, Presentation>> => {
  const presentations = new Map<string, Presentation>();
  for await (const row of readTable(folder, 'courses', courseColumns)) {
    const [module = '', run = ''] = row.cells;
    const length = wholeNumber('courses', row, 2);
    if (length === undefined || length < 1) throw new DataSetError(`courses row ${row.number}: no length.`);
    const key = `${module}/${run}`;
    if (presentations.has(key)) throw new DataSetError(`courses row ${row.number}: ${key} is there twice.`);
    presentations.set(key, { key, module, run, calendar: new PresentationCalendar(run, length), assessments: [] });
  }
  return presentations;
};

/** The presentation that the first two cells of a row name. */
export const presentationIn = (presentations: Map<string, Presentation>, table: string, row: Row): Presentation => {
  const key = `${row.cells[0]}/${row.cells[1]}`;
  const found = presentations.get(key);
  if (!found) throw new DataSetError(`${table} row ${row.number}: ${key} is in no row of courses.`);
  return found;
};

const assessmentColumns = ['code_module', 'code_presentation', 'id_assessment', 'assessment_type', 'date', 'weight'];

/** The assessments by id; each is also added to its presentation. */
export const readAssessments = async (folder: string, presentations: Map<string, Presentation>, odd: OddRows) => {
  const assessments = new Map<string, Assessment>();
  for await (const row of readTable(folder, 'assessments', assessmentColumns)) {
    const presentation = presentationIn(presentations, 'assessments', row);
    const [, , id = '', , , weight = ''] = row.cells;
    const dueDay = wholeNumber('assessments', row, 4);
    const weightBasisPoints = Math.round(Number(weight) * 100);
    if (!(weightBasisPoints >= 0)) throw new DataSetError(`assessments row ${row.number}: "${weight}" is no weight.`);
    const assessment = { id, presentation, dueDay, weightBasisPoints };
    assessments.set(id, assessment);
    presentation.assessments.push(assessment);
    odd.count('assessment-without-date', dueDay === undefined);
  }
  return assessments;
};
