import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { localFolder, ROOT } from '../local/layout';
import type { RunResult } from './run';
import type { Proof } from './sabotage/prove';

type Made = Readonly<{ commit: string; on: string }>;
export type KeptRun = Made & Readonly<{ kind: 'run'; id: string; run: RunResult }>;
export type KeptProof = Made & Readonly<{ kind: 'proof'; seed: number; proof: Proof }>;
type Kept = KeptRun | KeptProof;

const file = (): string => join(localFolder(), 'faultlab', 'results.jsonl');

const made = (): Made => {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  return { commit, on: new Date().toISOString().slice(0, 10) };
};

const keep = (result: Kept): void => {
  mkdirSync(dirname(file()), { recursive: true });
  appendFileSync(file(), `${JSON.stringify(result)}\n`);
};

/** Keeps what a run found so far, for the page that is made of all runs. What is kept last under an id counts. */
export const keepRun = (id: string, run: RunResult): void => keep({ kind: 'run', id, ...made(), run });
export const keepProof = (proof: Proof, seed: number): void => keep({ kind: 'proof', ...made(), seed, proof });

const keptLines = (): Kept[] =>
  existsSync(file())
    ? readFileSync(file(), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Kept)
    : [];

/** All runs and proofs that were kept, in their order; of a run only what it knew last. */
export const keptResults = (): { runs: KeptRun[]; proofs: KeptProof[] } => {
  const kept = keptLines();
  const runs = new Map(kept.flatMap((each) => (each.kind === 'run' ? [[each.id, each] as const] : [])));
  return { runs: [...runs.values()], proofs: kept.filter((each) => each.kind === 'proof') };
};
