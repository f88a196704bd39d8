import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUSES } from '../local/bus';
import { localFolder, SERVICES } from '../local/layout';
import { FAULTS, faultsNamed } from './faults';
import { keepProof, keepRun } from './results';
import { runLab } from './run';
import { proveAll } from './sabotage/prove';
import { SABOTAGES } from './sabotage/sabotages';
import { writeDocument } from './document';

const USAGE = `npm run faultlab -- [options]
  --seed 1           what is drawn follows from it
  --bus embedded     or kafka
  --double goal,reporting   services that run as two processes; all when absent
  --minutes 1        how long faults are injected, one over the other
  --each             one fault after the other instead, with a judgement after each
  --faults a,b       only these: ${FAULTS.map(({ name }) => name).join(', ')}
  --logs             keeps the logs of the processes in .local/faultlab
  --prove            switches off what a check guards, and expects it to go red
  --sabotage a,b     only these: ${SABOTAGES.map(({ name }) => name).join(', ')}
  --document         writes docs/faults.md from the runs that were kept`;

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  minutes: { type: 'string', default: '1' },
  each: { type: 'boolean', default: false },
  faults: { type: 'string', default: '' },
  bus: { type: 'string', default: 'embedded' },
  double: { type: 'string', default: SERVICES.join(',') },
  logs: { type: 'boolean', default: false },
  prove: { type: 'boolean', default: false },
  sabotage: { type: 'string', default: '' },
  document: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const started = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${text}`);
const namesIn = (text: string): string[] => text.split(',').filter((name) => name !== '');

const prove = async (names: readonly string[], seed: number): Promise<boolean> => {
  const proofs = await proveAll(names, seed, (proof) => {
    keepProof(proof, seed);
    say(
      `${proof.proven ? 'red as it must' : 'NOT NOTICED   '}  ${proof.sabotage}: ${Object.keys(proof.red).join(', ')}`,
    );
  });
  return proofs.every(({ proven }) => proven);
};

const oneOf = <T extends string>(names: readonly T[], text: string): T => {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new Error(`${text} is none of ${names.join(', ')}.`);
  return found;
};

type Asked = Readonly<{
  seed: number;
  mixedMs: number | undefined;
  faults: string;
  bus: string;
  double: string;
  logs: boolean;
}>;

const run = async ({ seed, mixedMs, faults, bus, double, logs }: Asked): Promise<boolean> => {
  const id = new Date().toISOString();
  const result = await runLab({
    seed,
    faults: faultsNamed(namesIn(faults)),
    bus: oneOf(BUSES, bus),
    doubled: namesIn(double).map((name) => oneOf(SERVICES, name)),
    ...(mixedMs !== undefined && { mixedMs }),
    ...(logs && { keepLogsIn: join(localFolder(), 'faultlab', id.replaceAll(':', '')) }),
    judged: (soFar) => keepRun(id, soFar),
    say,
  });
  const { counts } = result.phases.at(-1) ?? {};
  say(`stories told ${result.told}, broken off ${JSON.stringify(result.brokenOff)}, ${JSON.stringify(counts)}`);
  for (const [fault, why] of Object.entries(result.notPossible)) say(`not run: ${fault}, ${why}`);
  const verdicts = result.phases.flatMap((phase) => phase.verdicts.map((verdict) => ({ ...verdict, in: phase.name })));
  const red = verdicts.filter(({ broken }) => broken.length > 0);
  for (const { id, title, broken, in: name } of red)
    say(`${id} ${title}, ${name}:\n   ${broken.slice(0, 8).join('\n   ')}`);
  say(red.length === 0 ? 'Every invariant holds.' : `${red.length} invariants do not hold.`);
  return red.length === 0;
};

/** Runs the lab from the command line. Answers the exit code: 0 when every invariant holds. */
export const main = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) say(USAGE);
  else if (values.document) writeDocument();
  else {
    const seed = Number(values.seed);
    const mixedMs = values.each ? undefined : Number(values.minutes) * 60_000;
    const isWell = values.prove ? await prove(namesIn(values.sabotage), seed) : await run({ ...values, seed, mixedMs });
    return isWell ? 0 : 1;
  }
  return 0;
};
