import { faultsNamed } from '../faults';
import { runLab } from '../run';
import type { Sabotage } from './sabotage';
import { SABOTAGES } from './sabotages';

export type Proof = Readonly<{
  sabotage: string;
  off: string;
  faults: readonly string[];
  mustBreak: readonly string[];
  /** The checks that went red, each with what it said first. */
  red: Readonly<Record<string, string>>;
  proven: boolean;
}>;

const FAULT_MS = 4_000;
const WARM_MS = 3_000;
const QUIET_MS = 20_000; // some of it never comes
const LEAST_ACKS = 250;

/** Runs the product with one thing switched off, and says whether the checks that guard it noticed. */
const prove = async (sabotage: Sabotage, seed: number): Promise<Proof> => {
  const { name, off, faults, mustBreak, patches, tamper } = sabotage;
  const result = await runLab({
    ...{ seed, warmMs: WARM_MS, quietMs: QUIET_MS, mixedMs: FAULT_MS, leastAcks: LEAST_ACKS },
    faults: faults.length === 0 ? [] : faultsNamed(faults),
    doubled: ['goal', 'reporting'],
    ...(patches && { patches }),
    ...(tamper && { tamper }),
  });
  const verdicts = result.phases.flatMap((phase) => phase.verdicts);
  const broken = verdicts.filter((verdict) => verdict.broken.length > 0);
  const red = Object.fromEntries(broken.map((verdict) => [verdict.id, String(verdict.broken[0])]));
  return { sabotage: name, off, faults, mustBreak, red, proven: mustBreak.every((id) => id in red) };
};

/** Proves each of the named sabotages, or all, one product after the other. */
export const proveAll = async (
  names: readonly string[],
  seed: number,
  told: (proof: Proof) => void,
): Promise<readonly Proof[]> => {
  const unknown = names.find((name) => !SABOTAGES.some((sabotage) => sabotage.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no sabotage ${unknown}. There are: ${SABOTAGES.map(({ name }) => name).join(', ')}.`);
  const proofs: Proof[] = [];
  for (const sabotage of SABOTAGES) {
    if (names.length > 0 && !names.includes(sabotage.name)) continue;
    const proof = await prove(sabotage, seed);
    told(proof);
    proofs.push(proof);
  }
  return proofs;
};
