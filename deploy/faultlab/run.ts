import { cpSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BusName } from '../local/bus';
import type { ServiceName } from '../local/layout';
import type { Facts } from './facts';
import type { Fault } from './faults';
import { gather, resourcesIn } from './gather';
import { INVARIANTS } from './invariants';
import { Lab, type Patch } from './lab';
import { Caller, type Counts } from './load/caller';
import { Load } from './load/load';
import { World } from './load/world';
import { OperationLog } from './operation-log';
import { type Planned, type Stretch, stretchesOf } from './plan';
import { untilQuiet } from './quiet';
import { Random } from './random';
import { Wires } from './wires';

export type RunOptions = Readonly<{
  seed: number;
  faults: readonly Fault[];
  /** For how long they are injected, one over the other; absent: one after the other, with a judgement after each. */
  mixedMs?: number;
  /** Load without faults before each judgement's own. */
  warmMs?: number;
  /** Services that run as two processes; all when absent. */
  doubled?: readonly ServiceName[];
  patches?: readonly Patch[];
  /** The embedded log when absent. */
  bus?: BusName;
  /** Done to the running product before the load begins; for proofs. */
  tamper?: (lab: Lab) => Promise<void>;
  /** The load goes on until so many commands more were answered in each stretch, or a minute has passed beyond the faults. */
  leastAcks?: number;
  /** After all that, with a judgement of its own: something switched off in the running product. */
  sabotagedThen?: Readonly<{
    off: string;
    faults: readonly Fault[];
    mixedMs: number;
    tamper: (lab: Lab) => Promise<void>;
  }>;
  /** How long after healing the product may take to be quiet. */
  quietMs?: number;
  /** How long a failure may take to be told; the caller's own deadline and a second when absent. */
  patienceMs?: number;
  /** A folder that gets the logs of the processes and the log of operations at the end. */
  keepLogsIn?: string;
  /** Hears of the run so far after each judgement. */
  judged?: (soFar: RunResult) => void;
  say?: (text: string) => void;
}>;

type Injected = Readonly<{ fault: string; at: number; done: string; failed: boolean }>;
export type Verdict = Readonly<{ id: string; title: string; broken: readonly string[] }>;

/** Load, faults, healing, quiet and judgement. Counts and facts are those of the whole run up to here. */
export type Phase = Readonly<{
  name: string;
  injected: readonly Injected[];
  counts: Counts;
  quietAfterMs: number;
  events: number;
  /** Load average of the machine over the last minute. */
  load: number;
  verdicts: readonly Verdict[];
}>;

export type RunResult = Readonly<{
  seed: number;
  bus: BusName;
  phases: readonly Phase[];
  told: number;
  brokenOff: Readonly<Record<string, number>>;
  notPossible: Readonly<Record<string, string>>;
}>;

const WARM_MS = 2_000;
const QUIET_MS = 180_000;
const ACKS_LIMIT_MS = 60_000;

const judge = (facts: Facts): Verdict[] =>
  INVARIANTS.map(({ id, title, check }) => ({ id, title, broken: check(facts) }));

type Parts = { log: OperationLog; wires: Wires; caller: Caller; load: Load; world: World };

/** A product under test with its load, from up to down. */
class Run {
  private readonly random: Random;
  private readonly phases: Phase[] = [];

  constructor(
    private readonly options: RunOptions,
    private readonly lab: Lab,
  ) {
    this.random = new Random(options.seed);
  }

  async go(): Promise<RunResult> {
    const { lab, random } = this;
    const world = new World(this.options.seed);
    const log = new OperationLog(join(lab.folder, 'operations.jsonl'));
    const wires = new Wires(lab.stack.endpoints);
    const caller = new Caller({ lab, wires, log, world, random: random.fork('caller') });
    const load = new Load(caller, world, random.fork('load'));
    try {
      return await this.through({ log, wires, caller, load, world });
    } finally {
      wires.close();
      await log.close();
    }
  }

  private async through(parts: Parts): Promise<RunResult> {
    const { lab, random, options } = this;
    const { faults, mixedMs, tamper, sabotagedThen } = options;
    this.say('the product is up');
    await tamper?.(lab);
    await parts.load.prepare();
    const stretches = stretchesOf(this.possible(faults), { mixedMs }, random);
    for (const [nth, stretch] of stretches.entries())
      await this.stretch(parts, stretch, sabotagedThen === undefined && nth === stretches.length - 1);
    if (sabotagedThen) {
      await sabotagedThen.tamper(lab);
      const how = { mixedMs: sabotagedThen.mixedMs, name: `without: ${sabotagedThen.off}` };
      for (const stretch of stretchesOf(this.possible(sabotagedThen.faults), how, random))
        await this.stretch(parts, stretch, true);
    }
    return this.soFar(parts);
  }

  private possible(faults: readonly Fault[]): Fault[] {
    return faults.filter((fault) => fault.obstacle?.(this.lab) === undefined);
  }

  private soFar({ load: { told, brokenOff } }: Parts): RunResult {
    const { options, lab } = this;
    const obstacles = options.faults.flatMap((fault): [string, string][] => {
      const why = fault.obstacle?.(lab);
      return why === undefined ? [] : [[fault.name, why]];
    });
    return {
      ...{ seed: options.seed, bus: options.bus ?? 'embedded', phases: this.phases, told },
      brokenOff: Object.fromEntries(brokenOff),
      notPossible: Object.fromEntries(obstacles),
    };
  }

  private async stretch(parts: Parts, stretch: Stretch, isLast: boolean): Promise<void> {
    this.phases.push(await this.phase(parts, stretch, isLast));
    this.options.judged?.(this.soFar(parts));
  }

  private async phase(parts: Parts, { name, plan }: Stretch, isLast: boolean): Promise<Phase> {
    const { lab, options } = this;
    const { warmMs = WARM_MS, quietMs = QUIET_MS, patienceMs } = options;
    const { log, wires, caller, world } = parts;
    const ackedBefore = caller.counts.acks;
    parts.load.start();
    await sleep(warmMs);
    const before = resourcesIn(lab);
    const injected = await this.inject(plan, log);
    lab.heal();
    await this.enoughAcks(caller, ackedBefore);
    await parts.load.stop();
    this.say('healed, and the load has ended');
    const quiet = await untilQuiet(lab, quietMs);
    const known = { wires, clients: world.clients, log: log.path, before, quiet, patienceMs, end: isLast };
    const facts = await gather(lab, known);
    const verdicts = judge(facts);
    const red = verdicts.filter(({ broken }) => broken.length > 0).map(({ id }) => id);
    this.say(
      `${name}: quiet ${quiet.afterMs} ms after healing, ${red.length === 0 ? 'all hold' : `RED ${red.join(', ')}`}`,
    );
    const events = facts.stores.reduce((sum, store) => sum + store.events.length, 0);
    const [load = 0] = loadavg();
    const counts = { ...caller.counts };
    return { name, injected, counts, quietAfterMs: quiet.afterMs, events, load, verdicts };
  }

  /** A slow machine gets the time it takes: how much is judged must not depend on it. */
  private async enoughAcks({ counts }: Caller, before: number): Promise<void> {
    const { leastAcks = 0 } = this.options;
    const end = performance.now() + ACKS_LIMIT_MS;
    while (counts.acks < before + leastAcks && performance.now() < end) await sleep(100);
  }

  private inject(plan: readonly Planned[], log: OperationLog): Promise<Injected[]> {
    const start = performance.now();
    return Promise.all(
      plan.map(async ({ at, nth, fault }): Promise<Injected> => {
        await sleep(Math.max(at - (performance.now() - start), 0));
        await log.add({ entry: 'note', at: Date.now(), what: fault.name, detail: 'begins' });
        const outcome = await fault.inject(this.lab, this.random.fork(`${fault.name} ${nth}`)).then(
          (done) => ({ done, failed: false }),
          // PostgreSQL may be away just now, by another fault.
          (error: unknown) => ({ done: error instanceof Error ? error.message : String(error), failed: true }),
        );
        await log.add({ entry: 'note', at: Date.now(), what: fault.name, detail: outcome.done });
        this.say(`  ${fault.name}: ${outcome.done}${outcome.failed ? ' (failed)' : ''}`);
        return { fault: fault.name, at, ...outcome };
      }),
    );
  }

  private say(text: string): void {
    this.options.say?.(text);
  }
}

/** Not the data of the database, the broker, or the keys. */
const isLog = (path: string): boolean => !/[/\\](postgres|kafka)$|\.(key|skew)$/.test(path);

/** One run of the lab: load, faults, healing, quiet, judgement. */
export const runLab = async (options: RunOptions): Promise<RunResult> => {
  const { doubled, patches, faults, bus, keepLogsIn } = options;
  const lab = await Lab.start({
    ...(doubled && { doubled }),
    ...(patches && { patches }),
    ...(bus && { bus }),
    smallDisk: faults.some(({ name }) => name === 'full-disk'),
  });
  try {
    return await new Run(options, lab).go();
  } finally {
    if (keepLogsIn !== undefined) cpSync(lab.folder, keepLogsIn, { recursive: true, filter: isLog });
    await lab.stop();
  }
};
