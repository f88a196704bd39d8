import { faultsNamed } from './faults';
import { INVARIANTS } from './invariants';
import { type Phase, runLab } from './run';
import { forgetCommands } from './sabotage/by-sql';

jest.setTimeout(600_000); // ms: the product comes up, dies and recovers, perhaps beside much other work

const SEED = 20261127;
const FAULTS = [
  'kill-goal',
  'kill-every-reporting',
  'zombie-goal',
  'kill-postgres',
  'cut',
  'lose-commit-answers',
  'duplicates',
  'poison',
  'reset-offsets',
  'clock-jump',
];

const brokenIn = (phase: Phase, id: string): readonly string[] =>
  phase.verdicts.find((verdict) => verdict.id === id)?.broken ?? ['was not judged'];

describe('the product under faults', () => {
  let sound: Phase;
  let forgetful: Phase;

  beforeAll(async () => {
    const { phases } = await runLab({
      seed: SEED,
      faults: faultsNamed(FAULTS),
      doubled: ['goal', 'reporting'],
      mixedMs: 14_000,
      leastAcks: 150, // however slow the machine is
      patienceMs: 60_000, // likewise
      sabotagedThen: {
        off: 'answered commands are remembered by their key',
        faults: faultsNamed(['cut']),
        mixedMs: 1,
        tamper: forgetCommands,
      },
    });
    [sound, forgetful] = phases as [Phase, Phase];
  });

  it('bears every fault of the plan, and most commands are answered in the end', () => {
    expect(sound.injected.map(({ fault }) => fault)).toEqual(expect.arrayContaining(['kill-goal', 'kill-postgres']));
    expect(sound.counts.acks).toBeGreaterThanOrEqual(150);
  });

  const whileUp = INVARIANTS.filter(({ id }) => id !== 'I15b'); // the services go on after the first judgement
  it.each(whileUp.map(({ id, title }) => [id, title]))('%s: %s', (id) => {
    expect(brokenIn(sound, id)).toEqual([]);
  });

  it.each(['I1', 'I2'])('%s is seen broken once answered commands are forgotten', (id) => {
    expect(brokenIn(forgetful, id)).not.toEqual([]);
  });

  it('I15b: after SIGTERM no lease is held and every process ended well', () => {
    expect(brokenIn(forgetful, 'I15b')).toEqual([]);
  });
});
