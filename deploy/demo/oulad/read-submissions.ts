import { DataSetError, readTable, type Row, wholeNumber } from './csv';
import type { Assessment, Registration, Submission } from './data-set';

const table = 'studentAssessment';
const columns = ['id_assessment', 'id_student', 'date_submitted', 'is_banked', 'score'];

const scoreOf = (row: Row): number | undefined => {
  const score = wholeNumber(table, row, 4);
  if (score === undefined || (score >= 0 && score <= 100)) return score;
  throw new DataSetError(`${table} row ${row.number}: a score of ${score}.`);
};

/** Streams the submissions in the order of the file. Throws DataSetError for one that belongs to no registration. */
export async function* readSubmissions(
  folder: string,
  assessments: ReadonlyMap<string, Assessment>,
  registrations: ReadonlyMap<string, Registration>,
): AsyncGenerator<Submission> {
  for await (const row of readTable(folder, table, columns)) {
    const assessment = assessments.get(row.cells[0] ?? '');
    const registration = assessment && registrations.get(`${assessment.presentation.key}/${row.cells[1]}`);
    if (!assessment || !registration) throw new DataSetError(`${table} row ${row.number}: belongs to no registration.`);
    const day = wholeNumber(table, row, 2);
    if (day === undefined) throw new DataSetError(`${table} row ${row.number}: no date.`);
    yield { assessment, registration, day, banked: row.cells[3] === '1', score: scoreOf(row) };
  }
}
