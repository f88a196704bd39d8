import { rm } from 'node:fs/promises';
import type { AsOfFigures, AttainmentFigures, Figures } from './figures';
import type { Correction } from './correction';
import { Ids } from './ids';
import type { Loaded } from './load-oulad';
import type { MoneyFigures } from './money-figures';
import { correctionOf, phasesOf } from './phases';
import { readDataSet } from './read-data-set';
import { reportText } from './report';
import { smallTables, writeTables } from './small-data-set.fixtures';
import { stagesOf } from './stages';

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
const commitment = { promised: 2498, threshold: 1249, attained: 1278, status: 'met', billedMinor: 6_377_220 };
const money: MoneyFigures = {
  statements: { '2014-06': { lines: 15385, netMinor: 76_771_150, vatMinor: 19_576_644, grossMinor: 96_347_794 } },
  all: { lines: 15385, netMinor: 76_771_150, vatMinor: 19_576_644, grossMinor: 96_347_794 },
  commitments: Object.fromEntries(presentations.map((key) => [key, commitment])),
};
const corrected = { ...commitment, attained: 1178, status: 'missed', billedMinor: 5_878_220 };
const correction: Correction = {
  voided: 100,
  attainment: { ...figures.attainment, 'AAA/2014B': { ...attainment, attained: 15285, rateBasisPoints: 4690 } },
  commitments: { ...money.commitments, 'AAA/2014B': corrected },
  reversals: { lines: 100, netMinor: -499_000, vatMinor: -127_245, grossMinor: -626_245 },
  periods: ['2015-08'],
  documents: [{ period: '2014-06', sha256: '0123456789abcdef'.repeat(4), unchanged: true }],
  shortfall: undefined,
};
const time = { 'AAA/2013J': { persons: 378, entries: 34_072, clicks: 648_494, minutes: 647_729 } };

let folder: string;
let loaded: Loaded;
beforeAll(async () => {
  folder = await writeTables(smallTables());
  const data = await readDataSet(folder);
  const ids = new Ids(data.fingerprint);
  const stages = stagesOf(data).map((stage) => phasesOf(data, ids, stage));
  const phases = [...stages.flatMap((stage) => [...stage.goal, ...stage.time]), correctionOf(ids, [])];
  const counts = { items: 425_564, sent: 400_000, seconds: 80, refused: 0, refusals: [] };
  const reported = { figures, shortfall: undefined, time, timeShortfall: undefined, billed: { money, correction } };
  loaded = { organisationId: ids.organisation, data, phases, ...counts, ...reported };
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

  it('has the time of every presentation whose clicks are there, or says that it is left out', () => {
    const lines = linesOf();
    const head = lines.findIndex((line) => line.startsWith('TIME'));
    expect(lines[head + 2]).toMatch(/^AAA 2013J +378 +34,072 +648,494 +647,729$/);
    expect(linesOf({ time: {} })).toContain('TIME: left out, the data set has no clicks of a whole presentation');
  });

  it('has every commitment and statement with its amounts, and the sum of the statements', () => {
    const lines = linesOf();
    expect(lines).toContain('COMMITMENTS: 49.90 EUR an attained goal, at least half of the goals, VAT 25.5 %');
    expect(lines.filter((line) => /^BBB 2013J +2,498 +1,249 +1,278 +met +63,772\.20$/.test(line))).toHaveLength(1);
    const head = lines.findIndex((line) => line.startsWith('STATEMENTS in EUR: 15,385 charges'));
    expect(lines[head + 2]).toMatch(/^2014-06 +15,385 +767,711\.50 +195,766\.44 +963,477\.94 +0123456789abcdef\.\.\.$/);
    expect(lines[head + 3]).toMatch(/^All +15,385 +767,711\.50 +195,766\.44 +963,477\.94$/);
  });

  it('shows before and after of what a correction moved, its reversals, and that statements stand', () => {
    const lines = linesOf();
    const head = lines.indexOf('CORRECTION: 100 board results voided after billing');
    expect(lines.slice(head + 2, head + 8).map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['AAA 2014B', 'attained', '15,385', '15,285'],
      ['rate', '47.20 %', '46.90 %'],
      ['commitment', 'met', 'missed'],
      ['billed', '63,772.20', '58,782.20'],
      ['All', 'attained', '15,385', '15,385'],
      ['rate', '47.20 %', '47.20 %'],
    ]);
    expect(lines.slice(head + 8, head + 11)).toEqual([
      '100 reversals in 2015-08, each linked to its charge: -4,990.00 net, -1,272.45 VAT, -6,262.45 gross',
      '1 of 3 commitments stand otherwise than when billed',
      '1 of 1 issued statements are what they were, to the byte',
    ]);
  });

  it('says that nothing is billed while charges are missing', () => {
    const lines = linesOf({ billed: undefined, shortfall: 'three charges' });
    expect(lines).toContain('COMMITMENTS AND STATEMENTS: nothing is billed while charges are missing');
    expect(lines.at(-1)).toBe('INCOMPLETE: three charges');
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
