import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Tables = Record<
  | 'courses'
  | 'assessments'
  | 'studentInfo'
  | 'studentRegistration'
  | 'studentAssessment'
  | 'studentVle_AAA_2013J'
  | 'studentVle_AAA_2014B'
  | 'studentVle_BBB_2013J_through_day5',
  string[]
>;

const info = (module: string, run: string, student: number, result: string): string =>
  [module, run, student, 'F', 'Nowhere', 'A Level', '10-20', '0-35', 0, 60, 'N', result].join();

const clicks = 'code_module,code_presentation,id_student,id_site,date,sum_click';

/**
 * Ten invented registrations of nine students, with every kind of odd row. AAA 2014B and BBB 2013J run across a change
 * between winter and summer time. The clicks of BBB 2013J are cut off.
 */
export const smallTables = (): Tables => ({
  courses: ['code_module,code_presentation,module_presentation_length', 'AAA,2013J,10', 'AAA,2014B,60', 'BBB,2013J,40'],
  assessments: [
    'code_module,code_presentation,id_assessment,assessment_type,date,weight',
    'AAA,2013J,1,TMA,5,7.5',
    'AAA,2013J,2,Exam,?,100',
    'AAA,2014B,3,TMA,30,50',
    'BBB,2013J,4,CMA,20,100',
  ],
  studentInfo: [
    'code_module,code_presentation,id_student,gender,region,highest_education,imd_band,age_band,' +
      'num_of_prev_attempts,studied_credits,disability,final_result',
    info('AAA', '2013J', 11, 'Pass'),
    info('AAA', '2013J', 12, 'Withdrawn'),
    info('AAA', '2013J', 13, 'Withdrawn'),
    info('AAA', '2013J', 14, 'Withdrawn'),
    info('AAA', '2014B', 11, 'Distinction'),
    info('AAA', '2014B', 15, 'Fail'),
    info('AAA', '2014B', 16, 'Pass'),
    info('BBB', '2013J', 17, 'Fail'),
    info('BBB', '2013J', 18, 'Withdrawn'),
    info('BBB', '2013J', 19, 'Pass'),
  ],
  studentRegistration: [
    'code_module,code_presentation,id_student,date_registration,date_unregistration',
    'AAA,2013J,11,-10,?',
    'AAA,2013J,12,-5,-5', // left on the day of registration, before the first day
    'AAA,2013J,13,?,-1', // registered nobody knows when, left before the first day
    'AAA,2013J,14,-3,?', // withdrawn, nobody knows when
    'AAA,2014B,11,0,?',
    'AAA,2014B,15,-20,20', // failed although they left
    'AAA,2014B,16,-1,?', // passed without a submission
    'BBB,2013J,17,-7,?',
    'BBB,2013J,18,1,44', // left after the end
    'BBB,2013J,19,?,?',
  ],
  studentAssessment: [
    'id_assessment,id_student,date_submitted,is_banked,score',
    '1,11,4,0,78',
    '1,12,-1,0,50', // after leaving
    '1,13,2,0,?', // no score, after leaving
    '2,11,12,0,80', // after the end
    '3,11,-1,1,60', // banked before registering
    '3,15,25,0,30', // after leaving
    '4,17,18,0,20',
    '4,19,-1,1,90',
  ],
  studentVle_AAA_2013J: [
    clicks,
    'AAA,2013J,11,900,-4,5', // before the first day
    'AAA,2013J,11,901,-4,3',
    'AAA,2013J,13,900,2,4', // after leaving
    'AAA,2013J,11,900,3,400',
    'AAA,2013J,14,900,3,600', // ten hours to the minute
    'AAA,2013J,11,901,3,300', // more than ten hours together
    'AAA,2013J,14,900,10,1',
  ],
  studentVle_AAA_2014B: [clicks, 'AAA,2014B,16,900,57,12'], // the day the clocks go forward
  studentVle_BBB_2013J_through_day5: [clicks, 'BBB,2013J,17,900,2,7'],
});

const quoted = (line: string): string => `"${line.split(',').join('","')}"\r\n`;

/** Writes tables as the data set has them, every cell quoted and lines ended by CRLF; gives the new temporary folder. */
export const writeTables = async (tables: Partial<Tables>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'oulad-small-'));
  for (const [name, lines] of Object.entries(tables))
    await writeFile(join(folder, `${name}.csv`), lines.map(quoted).join(''));
  return folder;
};
