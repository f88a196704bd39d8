import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../local/layout';
import type { Progress } from '../local/stack';
import { describeMachine, loadNow } from './machine/machine';
import { BenchServer } from './machine/server';
import { HUGE, type Options, readOptions } from './options';
import type { Bench, Part } from './part';
import { append } from './parts/append.part';
import { idle } from './parts/idle.part';
import { oneOrganisation } from './parts/one-organisation.part';
import { sizes } from './parts/sizes.part';
import { visible } from './parts/visible.part';
import { wires } from './parts/wires.part';
import { startProduct, whyNoKafka } from './product/product';
import type { Chapter } from './report/chapter';
import { documentOf, type Report, summaryText } from './report/document';

const PARTS: readonly Part[] = [append, wires, visible, oneOrganisation, idle, sizes];

const USAGE = `npm run bench -- [--quick] [--huge] [part …]
  Measures and writes docs/benchmarks.md; named parts are only shown. --quick takes less than five minutes and is only
  shown too. --huge adds a log of ten million events, and about ten minutes.
${PARTS.map(({ name, title }) => `  ${name.padEnd(18)}${title}`).join('\n')}`;

const publish = (report: Report): void => {
  const docs = join(ROOT, 'docs');
  mkdirSync(join(docs, 'benchmarks'), { recursive: true });
  for (const { name, svg } of report.chapters.flatMap(({ pictures = [] }) => pictures))
    writeFileSync(join(docs, 'benchmarks', `${name}.svg`), svg);
  writeFileSync(join(docs, 'benchmarks.md'), documentOf(report));
};

const QUIET = 1;

const loadText = (busy: number): string =>
  `load average before the run: ${busy.toFixed(2)}${busy > QUIET ? ' (**the machine was busy: these rates and times are too low and too long**)' : ''}`;

/** A part that fails is told in its chapter; the others are measured all the same. */
const chapterOf = async (
  { title, run }: Part,
  bench: Omit<Bench, 'say' | 'startProduct'>,
  progress: Progress,
): Promise<Chapter> => {
  try {
    return await progress(title, (say) => run({ ...bench, startProduct, say }));
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { title, how: [`Not measured: ${failure}`], tables: [], aims: [], failed: true };
  }
};

const measure = async ({ effort, names }: Options, progress: Progress): Promise<Report> => {
  const chosen = PARTS.filter(({ name }) => names.length === 0 || names.includes(name));
  const began = performance.now();
  const busy = loadNow();
  const withoutKafka = await whyNoKafka();
  const server = await progress('starting PostgreSQL', () => BenchServer.start());
  try {
    const machine = await describeMachine(server);
    const chapters: Chapter[] = [];
    for (const part of chosen) chapters.push(await chapterOf(part, { server, effort, withoutKafka }, progress));
    return {
      date: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      effort: effort.sizes.includes(HUGE) ? `${effort.name}, with --huge` : effort.name,
      minutes: Math.ceil((performance.now() - began) / 60_000),
      machine: [...machine, loadText(busy)],
      chapters,
    };
  } finally {
    await server.remove();
  }
};

/** Runs the parts asked for, shows what they found, and publishes a whole run. Answers the exit code. */
export const main = async (args: readonly string[], progress: Progress): Promise<number> => {
  const options = readOptions(
    args,
    PARTS.map(({ name }) => name),
  );
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const report = await measure(options, progress);
  console.log(summaryText(report.chapters));
  if (options.effort.name === 'whole' && options.names.length === 0) publish(report);
  return report.chapters.some(({ failed }) => failed) ? 1 : 0;
};
