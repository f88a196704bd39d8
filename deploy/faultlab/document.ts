import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../local/layout';
import { FAULTS } from './faults';
import { INVARIANTS } from './invariants';
import { keptResults, type KeptProof, type KeptRun } from './results';
import type { Phase } from './run';
import { SABOTAGES } from './sabotage/sabotages';

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

type Alone = Readonly<{ phase: Phase; seed: number }>;

/** The last time each fault was alone. */
const aloneOf = (runs: readonly KeptRun[]): ReadonlyMap<string, Alone> =>
  new Map(runs.flatMap(({ run }) => run.phases.map((phase) => [phase.name, { phase, seed: run.seed }] as const)));

const mark = (phase: Phase, id: string): string => {
  const verdict = phase.verdicts.find((each) => each.id === id);
  if (verdict === undefined) return '–';
  return verdict.broken.length === 0 ? '✓' : `**${verdict.broken.length}**`;
};

const IDS = INVARIANTS.map(({ id }) => id);

const faultTable = (runs: readonly KeptRun[]): string => {
  const alone = aloneOf(runs);
  const why = new Map(runs.flatMap(({ run }) => Object.entries(run.notPossible)));
  const rows = FAULTS.map(({ name, title }) => {
    const found = alone.get(name);
    if (!found) return [title, '', why.has(name) ? `not run: ${why.get(name)}` : 'not run', '', ...IDS.map(() => '')];
    const { phase, seed } = found;
    const done = phase.injected.map((each) => (each.failed ? `failed: ${each.done}` : each.done)).join('; ');
    return [title, seed, done, `${(phase.quietAfterMs / 1_000).toFixed(1)} s`, ...IDS.map((id) => mark(phase, id))];
  });
  return table(['fault', 'seed', 'what was done', 'quiet after', ...IDS], rows);
};

const runTable = (runs: readonly KeptRun[]): string => {
  const rows = runs.map(({ run, commit, on }) => {
    const last = run.phases.at(-1);
    const red = run.phases.flatMap((phase) =>
      phase.verdicts.filter(({ broken }) => broken.length > 0).map(({ id }) => `${phase.name} ${id}`),
    );
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
      red.length === 0 ? 'all hold' : red.join(', '),
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
  const [cpu] = cpus();
  const machine = `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform}`;
  const parts = [
    `${said}${BEGIN}`,
    `Machine: ${machine}; other work ran on it at the same time.`,
    `## Runs\n\n${runTable(runs)}`,
    `## Each fault alone\n\n✓ holds, a number says how many things broke it.\n\n${faultTable(runs)}`,
    `## The checks notice\n\n${proofTable(proofs)}`,
  ];
  writeFileSync(path, `${parts.join('\n\n')}\n`);
};
