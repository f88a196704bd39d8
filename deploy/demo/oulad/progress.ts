import { SingleBar } from 'cli-progress';

/** Shows how a load goes on. Items are counted over all phases. */
export type Progress = Readonly<{
  start: (total: number) => void;
  /** What is being done now. */
  phase: (name: string) => void;
  /** Items done so far. */
  done: (items: number) => void;
  /** A line worth reading beside the bar. */
  note: (line: string) => void;
  stop: () => void;
}>;

/** Shows nothing. */
export const silent: Progress = {
  start: () => undefined,
  phase: () => undefined,
  done: () => undefined,
  note: () => undefined,
  stop: () => undefined,
};

const secondsBetweenLines = 3;

/** Items a second of this run: items that an earlier run brought in do not count. */
const speedometer = (now: () => number) => {
  let begun: { at: number; items: number } | undefined;
  return (items: number): string => {
    begun ??= { at: now(), items };
    const seconds = (now() - begun.at) / 1000;
    return seconds < 0.5 ? '-' : Math.round((items - begun.items) / seconds).toLocaleString('en-GB');
  };
};

/** One bar on a terminal, a line every few seconds elsewhere; on stderr, so that the report alone is on stdout. */
export const terminalProgress = (stream: NodeJS.WriteStream = process.stderr): Progress => {
  const bar = new SingleBar({
    format: '{phase} [{bar}] {value}/{total} items | {speed} items/s | {duration_formatted}, {eta_formatted} left',
    stream,
    barsize: 24,
    noTTYOutput: true,
    notTTYSchedule: secondsBetweenLines * 1000,
    forceRedraw: true,
    emptyOnZero: true,
  });
  const speed = speedometer(Date.now);
  return {
    start: (total) => bar.start(total, 0, { phase: 'starting'.padEnd(9), speed: '-' }),
    phase: (name) => bar.update({ phase: name.padEnd(9) }),
    done: (items) => bar.update(items, { speed: speed(items) }),
    note: (line) => stream.write(stream.isTTY ? `\r\x1b[K${line}\n` : `${line}\n`),
    stop: () => bar.stop(),
  };
};
