import { rm } from 'node:fs/promises';
import type { AsOfFigures, AttainmentFigures, Figures } from './figures';
import type { Loaded } from './load-oulad';
import { Ids } from './ids';
import { phasesOf } from './phases';
import { readDataSet } from './read-data-set';
import { reportText } from './report';
import { smallTables, writeTables } from './small-data-set.fixtures';

const attainment: AttainmentFigures = {
  agreed: 32593,
  attained: 15385,
  missed: 7052,
  withdrawn: 10156,
  rateBasisPoints: 4720,
  rateWithoutWithdrawnBasisPoints: null,
};
const asOf: AsOfFigures = {
  registered: 2498,
  left: 1234,
  open: 1264,
  agreed: 2498,
  attained: 0,
  missed: 0,
  withdrawn: 3,
};
const days = ['0', '30', '60', '100', '150', '200', 'end', 'dayAfter'];
const presentations = ['AAA/2013J', 'AAA/2014B', 'BBB/2013J'];
const figures: Figures = {
  attainment: Object.fromEntries([...presentations, 'AAA', 'BBB', 'all'].map((key) => [key, attainment])),
  asOf: Object.fromEntries(presentations.map((key) => [key, Object.fromEntries(days.map((day) => [day, asOf]))])),
};

let folder: string;
let loaded: Loaded;
beforeAll(async () => {
  folder = await writeTables(smallTables());
  const data = await readDataSet(folder);
  const ids = new Ids(data.fingerprint);
  const counts = { items: 425_564, sent: 400_000, seconds: 80, refused: 0, refusals: [], shortfall: undefined };
  loaded = { organisationId: ids.organisation, data, phases: phasesOf(data, ids), figures, ...counts };
});
afterAll(() => rm(folder, { recursive: true }));

const linesOf = (changes: Partial<Loaded> = {}): string[] => reportText({ ...loaded, ...changes }).split('\n');

describe('the printed report', () => {
  it('fits on 100 columns', () => {
    expect(linesOf().filter((line) => line.length > 100)).toEqual([]);
  });

  it('has a line a presentation, below them their module, and all at the end', () => {
    const lines = linesOf();
    const table = lines.slice(lines.indexOf('ATTAINMENT, final') + 2);
    const names = ['  AAA 2013J', '  AAA 2014B', 'AAA', '  BBB 2013J', 'BBB', 'All'];
    expect(table.slice(0, 6).map((line) => line.slice(0, 11).trimEnd())).toEqual(names);
    expect(table[5]).toMatch(/^All +32,593 +15,385 +7,052 +10,156 +47\.20 % +-$/);
  });

  it('shows a rate with two digits, also a small one', () => {
    const small = { ...attainment, rateBasisPoints: 5, rateWithoutWithdrawnBasisPoints: 10000 };
    const lines = linesOf({ figures: { ...figures, attainment: { ...figures.attainment, all: small } } });
    expect(lines.find((line) => line.startsWith('All'))).toMatch(/ 0\.05 % +100\.00 %$/);
  });

  it('has registered, left and open of every presentation at the seven days', () => {
    const lines = linesOf();
    const head = lines.findIndex((line) => line.startsWith('as of day'));
    expect(lines[head]?.trim().split(/\s+/)).toEqual(['as', 'of', 'day', '0', '30', '60', '100', '150', '200', 'end']);
    expect(lines[head + 1]).toMatch(/^AAA 2013J +registered( +2,498){7}$/);
    expect(lines[head + 2]).toMatch(/^ +left( +1,234){7}$/);
    expect(lines[head + 9]).toMatch(/^ +open( +1,264){7}$/);
  });

  it('lists odd rows with how they were read, items a step, and the speed', () => {
    const lines = linesOf();
    expect(lines).toContain('     2  registration without a date: in the final table, in no as-of row');
    expect(lines.filter((line) => /^study: progress +8$/.test(line))).toHaveLength(1);
    expect(lines).toContain('425,564 items, 400,000 sent in 80.0 s: 5,000 items/s');
    expect(lines).toContain('REFUSED: 0');
  });

  it('says when nothing was left to send', () => {
    expect(linesOf({ sent: 0 })).toContain('425,564 items, all there from an earlier run');
  });

  it('lists refusals by kind and reason, and what the figures lack', () => {
    const refusals = [{ phase: 'judge', kind: 'missed', code: 'goal-ended', message: 'Too late.', count: 3 }];
    const lines = linesOf({ refused: 3, refusals, shortfall: 'three goals' });
    expect(lines.slice(-4)).toEqual([
      'REFUSED: 3',
      '     3  judge, missed: goal-ended, Too late.',
      '',
      'INCOMPLETE: three goals',
    ]);
  });

  it('leaves a figure out that is not there', () => {
    const lines = linesOf({ figures: { attainment: {}, asOf: {} } });
    expect(lines).toContain('All');
    expect(lines.find((line) => line.startsWith('AAA 2013J'))).toMatch(/registered( +-){7}$/);
  });
});
