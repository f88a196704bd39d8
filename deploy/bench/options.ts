import { parseArgs } from 'node:util';
import { type Effort, EFFORTS } from './effort';

/** What a run is asked for. */
export type Options = Readonly<{
  effort: Effort;
  /** Names of parts; all of them when empty. */
  names: readonly string[];
  help: boolean;
}>;

/** Ten million events take about ten minutes for themselves. */
export const HUGE = 10_000_000;

/** Reads the command line. Throws in a sentence when it asks for what is not there. */
export const readOptions = (args: readonly string[], parts: readonly string[]): Options => {
  const { values, positionals: names } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      huge: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = names.find((name) => !parts.includes(name));
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}. There are: ${parts.join(', ')}.`);
  const effort = EFFORTS[values.smoke ? 'smoke' : values.quick ? 'quick' : 'whole'];
  return {
    effort: values.huge ? { ...effort, sizes: [...effort.sizes, HUGE] } : effort,
    names,
    help: values.help,
  };
};
