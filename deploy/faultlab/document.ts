import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { type BusName, BUSES } from '../local/bus';
import { ROOT } from '../local/layout';
import { FAULTS } from './faults';
import { keptResults, type KeptProof, type KeptRun } from './results';
import type { Phase } from './run';
import { SABOTAGES } from './sabotage/sabotages';

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

type Alone = Readonly<{ phase: Phase; seed: number }>;

/** The last time each fault was alone on a bus. */
const aloneOf = (runs: readonly KeptRun[], bus: BusName): ReadonlyMap<string, Alone> =>
  new Map(
    runs
      .filter(({ run }) => run.bus === bus)
      .flatMap(({ run }) => run.phases.map((phase) => [phase.name, { phase, seed: run.seed }] as const)),
  );

const redIn = ({ verdicts }: Phase): string[] => verdicts.filter(({ broken }) => broken.length > 0).map(({ id }) => id);

const verdictOn = (fault: string, runs: readonly KeptRun[], bus: BusName): string => {
  const found = aloneOf(runs, bus).get(fault);
  if (!found) {
    const why = runs.filter(({ run }) => run.bus === bus).map(({ run }) => run.notPossible[fault]);
    return `not run${why.some(Boolean) ? `: ${why.find(Boolean)}` : ''}`;
  }
  const { phase, seed } = found;
  const red = redIn(phase);
  return `${red.length === 0 ? 'all hold' : `**${red.join(', ')}**`}, quiet after ${seconds(phase.quietAfterMs)}, seed ${seed}`;
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const doneIn = (fault: string, runs: readonly KeptRun[]): string => {
  const injected = aloneOf(runs, 'embedded').get(fault)?.phase.injected ?? [];
  return injected.map(({ done, failed }) => (failed ? `failed: ${done}` : done)).join('; ');
};

const faultTable = (runs: readonly KeptRun[]): string =>
  table(
    ['fault', 'what was done', ...BUSES],
    FAULTS.map(({ name, title }) => [title, doneIn(name, runs), ...BUSES.map((bus) => verdictOn(name, runs, bus))]),
  );

const loadsOf = (phases: readonly Phase[]): number[] => phases.map(({ load }) => load);

const runTable = (runs: readonly KeptRun[]): string => {
  const rows = runs.map(({ run, commit, on }) => {
    const last = run.phases.at(-1);
    const red = run.phases.filter((phase) => redIn(phase).length > 0);
    const { calls, acks, retries, unknown, refused } = last?.counts ?? {};
    const counts = [calls, acks, retries, unknown, refused].map((count) => count ?? 0);
    const faults = run.phases.reduce((sum, phase) => sum + phase.injected.length, 0);
    const how = run.phases.length === 1 ? 'one over the other' : 'one by one';
    return [
      on,
      commit,
      run.bus,
      run.seed,
      how,
      faults,
      ...counts,
      last?.events ?? 0,
      Math.max(...loadsOf(run.phases)).toFixed(0),
      red.length === 0 ? 'all hold' : red.map((phase) => `${phase.name}: ${redIn(phase).join(' ')}`).join(', '),
    ];
  });
  const head = [
    'day',
    'commit',
    'bus',
    'seed',
    'faults',
    'injected',
    'calls',
    'acks',
    'retries',
    'no answer',
    'refused',
    'events',
    'load',
  ];
  return table([...head, 'invariants'], rows);
};

const proofTable = (proofs: readonly KeptProof[]): string => {
  const last = new Map(proofs.map((kept) => [kept.proof.sabotage, kept]));
  const rows = SABOTAGES.map(({ name, off, faults, mustBreak }) => {
    const kept = last.get(name);
    const said = kept
      ? mustBreak.map((id) => `${id}: ${kept.proof.red[id] ?? 'said nothing'}`).join('<br>')
      : 'not run';
    const also = kept ? Object.keys(kept.proof.red).filter((id) => !mustBreak.includes(id)) : [];
    return [
      off,
      faults.join(', ') || 'none',
      mustBreak.join(', '),
      kept?.proof.proven ? 'red' : '**not shown**',
      said,
      also.join(', '),
    ];
  });
  return table(['switched off', 'faults', 'must go red', 'went', 'what it said first', 'red as well'], rows);
};

const BEGIN = '<!-- runs: made by npm run faultlab -- --document -->';

/** Writes what the kept runs found below the mark in docs/faults.md; what is said above it stays. */
export const writeDocument = (): void => {
  const path = join(ROOT, 'docs', 'faults.md');
  const [said = ''] = readFileSync(path, 'utf8').split(BEGIN);
  const { runs, proofs } = keptResults();
  const loads = runs.flatMap(({ run }) => loadsOf(run.phases));
  const [cpu] = cpus();
  const machine = `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform}`;
  const parts = [
    `${said}${BEGIN}`,
    `Machine: ${machine}; runs went on at the same time, and other work. \`load\` is the highest load average of a minute at a judgement, ${Math.max(...loads).toFixed(0)} at most.`,
    `## Runs\n\n${runTable(runs)}`,
    `## Each fault alone\n\nThe last time of each. I15b is judged once, at the end of a run.\n\n${faultTable(runs)}`,
    `## The checks notice\n\n${proofTable(proofs)}`,
  ];
  writeFileSync(path, `${parts.join('\n\n')}\n`);
};
