import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../local/layout';
import type { Answer, Found, Job } from './jobs';

/** Makes the load of a job from a process of its own, which shares the machine with what it loads. */
export const generate = (job: Job): Promise<Found> =>
  new Promise((resolve, reject) => {
    const child = fork(join(ROOT, 'dist', 'deploy', 'bench', 'generator', 'main.js'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The load generator ended (${code}) without an answer.`)));
    child.once('message', (answer: Answer) => {
      if ('found' in answer) resolve(answer.found);
      else reject(new Error(`The load generator failed: ${answer.error}`));
    });
    child.send(job);
  });
