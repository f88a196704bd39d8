import { runCommands } from './commands';
import type { Answer, Job } from './jobs';
import { runVisible } from './visible';

/** A process of its own that makes the load of one job, answers what it found, and ends. */
const LONGEST_MS = 120_000;

const run = (job: Job) => (job.kind === 'commands' ? runCommands(job) : runVisible(job));

const answer = (message: Answer): void => {
  process.send?.(message, () => process.exit());
};

process.once('message', (job: Job) => {
  run(job).then(
    (found) => answer({ found }),
    (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
  );
});
// Whoever asked is gone, or has waited long enough: no load goes on by itself.
process.once('disconnect', () => process.exit(1));
setTimeout(() => process.exit(1), LONGEST_MS).unref();
