import { setTimeout as sleep } from 'node:timers/promises';
import { skew } from '../lab-process';
import type { Fault } from './fault';

const MINUTE_MS = 60_000;
const JUMPS: Readonly<Record<string, number>> = {
  '5 minutes ahead': 5 * MINUTE_MS,
  '5 minutes behind': -5 * MINUTE_MS,
  '2 hours behind': -120 * MINUTE_MS,
  'a day ahead': 1_440 * MINUTE_MS,
};

const jump: Fault = {
  name: 'clock-jump',
  title: 'the clock of one process jumps, and back',
  inject: async (lab, random) => {
    const process = random.pick(lab.processes);
    const [words, ms] = random.pick(Object.entries(JUMPS));
    skew(process, ms);
    await sleep(random.between(2_000, 4_000));
    skew(process, 0);
    return `${process.name}, ${words}`;
  },
};

export const clockFaults: readonly Fault[] = [jump];
