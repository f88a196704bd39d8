import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sha256 } from './ids';
import { readDataSet } from './read-data-set';
import { smallTables, type Tables, writeTables } from './small-data-set.fixtures';

const folders: string[] = [];
const folderWith = async (changes: (tables: Tables) => void = () => undefined): Promise<string> => {
  const tables = smallTables();
  changes(tables);
  const folder = await writeTables(tables);
  folders.push(folder);
  return folder;
};
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const messageOf = async (folder: string): Promise<string> =>
  readDataSet(folder).then(
    () => 'no error',
    (error: unknown) => (error as Error).message,
  );

describe('reading the data set', () => {
  it('joins a registration with its dates, its result and the hash of its row', async () => {
    const { registrations } = await readDataSet(await folderWith());
    const row = '"AAA","2013J","12","F","Nowhere","A Level","10-20","0-35","0","60","N","Withdrawn"';
    expect(registrations[1]).toMatchObject({
      key: 'AAA/2013J/12',
      student: '12',
      registeredDay: -5,
      leftDay: -5,
      result: 'Withdrawn',
      row: 2,
      rowHash: sha256(row),
    });
  });

  it('reads a missing date as unknown', async () => {
    const { registrations } = await readDataSet(await folderWith());
    expect(registrations[9]).toMatchObject({ registeredDay: undefined, leftDay: undefined });
  });

  it('has each student once and each assessment under its presentation, its weight in basis points', async () => {
    const { students, presentations } = await readDataSet(await folderWith());
    expect(students).toEqual(['11', '12', '13', '14', '15', '16', '17', '18', '19']);
    expect(
      presentations[0]?.assessments.map(({ id, dueDay, weightBasisPoints }) => [id, dueDay, weightBasisPoints]),
    ).toEqual([
      ['1', 5, 750],
      ['2', undefined, 10000],
    ]);
  });

  it('streams the submissions, each time from the start', async () => {
    const { submissions, submissionCount } = await readDataSet(await folderWith());
    for (let time = 0; time < 2; time++) {
      const days: [number, boolean, number | undefined][] = [];
      for await (const { day, banked, score } of submissions()) days.push([day, banked, score]);
      expect(days).toHaveLength(submissionCount);
      expect(days.slice(2, 5)).toEqual([
        [2, false, undefined],
        [12, false, 80],
        [-1, true, 60],
      ]);
    }
  });

  it('counts every odd row, as the independent count does', async () => {
    const folder = await folderWith();
    const { oddRows } = await readDataSet(folder);
    const counted = Object.fromEntries(oddRows.list().map(({ kind, count }) => [kind, count]));
    expect(counted).toEqual({
      'registration-without-date': 2,
      'withdrawn-without-date': 1,
      'left-before-first-day': 2,
      'left-on-registration-day': 1,
      'left-after-the-end': 1,
      'failed-although-left': 1,
      'passed-without-submission': 1,
      'submission-after-leaving': 3,
      'submission-after-the-end': 1,
      'submission-without-registration-date': 2,
      'submission-without-score': 1,
      banked: 2,
      'banked-before-registration': 1,
      'assessment-without-date': 1,
      'time-before-first-day': 1,
      'time-after-leaving': 1,
      'time-over-ten-hours': 1,
      'minutes-over-ten-hours': 100,
    });
    const count = execFileSync(process.execPath, [join(__dirname, 'count-from-files.mjs'), folder], {
      encoding: 'utf8',
    });
    expect((JSON.parse(count) as { oddRows: object }).oddRows).toEqual(counted);
  });

  it('adds up the clicks of a person and day to minutes, ten hours at most, of whole presentations alone', async () => {
    const { timeSheets } = await readDataSet(await folderWith());
    const [first, second] = timeSheets;
    expect(timeSheets.map(({ presentation }) => presentation.key)).toEqual(['AAA/2013J', 'AAA/2014B']);
    expect(first).toMatchObject({ firstDay: -4, entryCount: 5, clicks: 1313, minutes: 1213 });
    expect(second).toMatchObject({ firstDay: 57, entryCount: 1, clicks: 12, minutes: 12, students: ['16'] });
    for (let time = 0; time < 2; time++) {
      const days: [string, number, number][] = [];
      for await (const { registration, day, minutes } of first?.entries() ?? [])
        days.push([registration.student, day, minutes]);
      expect(days).toEqual([
        ['11', -4, 8],
        ['13', 2, 4],
        ['11', 3, 600],
        ['14', 3, 600],
        ['14', 10, 1],
      ]);
    }
  });

  it('does without clicks, which makes it another data set', async () => {
    const { studentVle_AAA_2013J: _one, studentVle_AAA_2014B: _other, ...without } = smallTables();
    const folder = await writeTables(without);
    folders.push(folder);
    const { fingerprint, timeSheets } = await readDataSet(folder);
    expect(timeSheets).toEqual([]);
    expect(fingerprint).not.toBe((await readDataSet(await folderWith())).fingerprint);
  });

  it('knows whose last fact comes after the end of the presentation', async () => {
    const { lateDays } = await readDataSet(await folderWith());
    expect([...lateDays].map(([{ key }, day]) => [key, day])).toEqual([
      ['AAA/2013J/11', 12],
      ['BBB/2013J/18', 44],
    ]);
  });

  it('reads compressed tables as well', async () => {
    const folder = await folderWith();
    const file = join(folder, 'studentInfo.csv');
    await writeFile(`${file}.gz`, gzipSync(await readFile(file)));
    await rm(file);
    expect((await readDataSet(folder)).registrations).toHaveLength(10);
  });
});

describe('a folder that is not the data set', () => {
  it('is named when it is not there', async () => {
    expect(await messageOf('no-such-folder')).toBe('no-such-folder is no folder.');
  });

  it('names the missing file', async () => {
    const { studentInfo: _left, ...others } = smallTables();
    const folder = await writeTables(others);
    folders.push(folder);
    expect(await messageOf(folder)).toBe(`${join(folder, 'studentInfo.csv')} (or studentInfo.csv.gz) is missing.`);
  });

  it('names a changed header', async () => {
    const folder = await folderWith(({ courses }) => courses.splice(0, 1, 'module,presentation,length'));
    expect(await messageOf(folder)).toBe(
      'courses: expected the columns code_module,code_presentation,module_presentation_length, ' +
        'found module,presentation,length.',
    );
  });

  it('names a file that ends too early', async () => {
    const folder = await folderWith();
    const file = join(folder, 'studentAssessment.csv');
    const compressed = gzipSync(await readFile(file));
    await writeFile(`${file}.gz`, compressed.subarray(0, compressed.length - 12));
    await rm(file);
    expect(await messageOf(folder)).toMatch(
      /^studentAssessment: cannot be read after row \d+: unexpected end of file$/,
    );
  });

  const broken: [string, (tables: Tables) => void, string][] = [
    ['an empty file', (t) => t.courses.splice(0), 'courses: the file is empty.'],
    ['a word for a number', (t) => (t.courses[1] = 'AAA,2013J,ten'), 'courses row 1: "ten" is no whole number.'],
    ['a course twice', (t) => t.courses.push('AAA,2013J,11'), 'courses row 4: AAA/2013J is there twice.'],
    [
      'an unknown result',
      (t) => (t.studentInfo[1] = t.studentInfo[1]?.replace('Pass', 'Passed') ?? ''),
      'studentInfo row 1: "Passed" is no final result.',
    ],
    [
      'a row without dates',
      (t) => t.studentRegistration.pop(),
      'studentInfo row 10: in no row of studentRegistration.',
    ],
    ['dates without a row', (t) => t.studentInfo.pop(), 'studentRegistration: has rows that studentInfo has not.'],
    [
      'dates twice',
      (t) => t.studentRegistration.push('AAA,2013J,11,0,?'),
      'studentRegistration row 11: is there twice.',
    ],
    [
      'a submission of nobody',
      (t) => t.studentAssessment.push('4,11,1,0,5'),
      'studentAssessment row 9: belongs to no registration.',
    ],
    ['a score of 101', (t) => t.studentAssessment.push('4,17,1,0,101'), 'studentAssessment row 9: a score of 101.'],
    [
      'clicks of nobody',
      (t) => t.studentVle_AAA_2013J.push('AAA,2013J,15,900,10,1'),
      'studentVle_AAA_2013J row 8: no clicks of a registration of AAA/2013J on a day.',
    ],
    [
      'a day of clicks that comes back',
      (t) => t.studentVle_AAA_2013J.push('AAA,2013J,11,900,3,1'),
      'studentVle_AAA_2013J row 8: day 3 comes after day 10.',
    ],
    [
      'a missing cell',
      (t) => t.studentAssessment.push('4,17,1,0'),
      'studentAssessment: cannot be read after row 8: Invalid Record Length: expect 5, got 4 on line 10',
    ],
  ];
  it.each(broken)('says in one line what is wrong with %s', async (_what, change, message) => {
    expect(await messageOf(await folderWith(change))).toBe(message);
  });
});
