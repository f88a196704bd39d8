import { rm } from 'node:fs/promises';
import { readDataSet } from './read-data-set';
import { smallTables, type Tables, writeTables } from './small-data-set.fixtures';
import { type Stage, stagesOf } from './stages';

const stagesWith = async (change: (tables: Tables) => void = () => undefined): Promise<Stage[]> => {
  const tables = smallTables();
  change(tables);
  const folder = await writeTables(tables);
  const stages = stagesOf(await readDataSet(folder));
  await rm(folder, { recursive: true });
  return stages;
};

const keysOf = (rows: readonly { key: string }[]): string[] => rows.map(({ key }) => key);

describe('the stages of a data set', () => {
  it('are told at 24:00 of each last day, in the order of time', async () => {
    const stages = await stagesWith();
    expect(stages.map(({ at, date, presentations }) => [at, date, keysOf(presentations)])).toEqual([
      ['2013-10-11T23:00:00.000Z', '2013-10-12', ['AAA/2013J']],
      ['2013-11-11T00:00:00.000Z', '2013-11-11', ['BBB/2013J']],
      ['2014-04-02T23:00:00.000Z', '2014-04-03', ['AAA/2014B']],
    ]);
  });

  it('bring presentations together that end on the same day', async () => {
    const stages = await stagesWith(({ courses }) => (courses[3] = 'BBB,2013J,10'));
    expect(stages.map(({ presentations }) => keysOf(presentations))).toEqual([
      ['AAA/2013J', 'BBB/2013J'],
      ['AAA/2014B'],
    ]);
  });

  it('bring each module and each student once, where they are first needed', async () => {
    const stages = await stagesWith();
    expect(stages.map(({ modules, students }) => [modules, students])).toEqual([
      [['AAA'], ['11', '12', '13', '14']],
      [['BBB'], ['17', '18', '19']],
      [[], ['15', '16']], // student 11 is there already
    ]);
  });

  it('judge everyone once, after the last fact of each is over', async () => {
    const stages = await stagesWith();
    expect(stages.map(({ judged }) => keysOf(judged))).toEqual([
      ['AAA/2013J/12', 'AAA/2013J/13', 'AAA/2013J/14'],
      ['AAA/2013J/11', 'BBB/2013J/17', 'BBB/2013J/19'], // 11 handed something in two days after the end
      ['AAA/2014B/11', 'AAA/2014B/15', 'AAA/2014B/16', 'BBB/2013J/18'], // 18 left after the end
    ]);
  });

  it('go on to the very last fact where that comes after every end', async () => {
    const stages = await stagesWith(({ studentAssessment }) => studentAssessment.push('3,16,80,0,50', '3,15,70,0,50'));
    const { at, date, presentations, registrations, judged } = stages[3] as Stage;
    expect([at, date, presentations, registrations]).toEqual(['2014-04-21T23:00:00.000Z', '2014-04-22', [], []]);
    expect(keysOf(judged)).toEqual(['AAA/2014B/15', 'AAA/2014B/16']);
  });
});
