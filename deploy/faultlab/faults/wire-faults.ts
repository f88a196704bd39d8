import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../lab';
import { allLines } from '../lab-process';
import type { Line } from '../line';
import type { Random } from '../random';
import { ask } from '../collect';
import type { Fault } from './fault';

/** Some of all lines, with the name of their process. */
const someLines = (lab: Lab, random: Random, count: number): { name: string; line: Line }[] =>
  random
    .shuffle(lab.processes.flatMap((process) => allLines(process).map((line) => ({ name: process.name, line }))))
    .slice(0, count);

const namesOf = (lines: readonly { name: string }[]): string => lines.map(({ name }) => name).join(', ');

const cut: Fault = {
  name: 'cut',
  title: 'connections cut: clients, PostgreSQL, bus, neighbours',
  inject: async (lab, random) => {
    const lines = someLines(lab, random, random.between(3, 8));
    for (let times = random.between(1, 4); times > 0; times -= 1) {
      lines.forEach(({ line }) => line.cut());
      await sleep(random.between(100, 500));
    }
    return namesOf(lines);
  },
};

const slow: Fault = {
  name: 'delay',
  title: 'connections delayed',
  inject: async (lab, random) => {
    const lines = someLines(lab, random, random.between(2, 6));
    lines.forEach(({ line }) => line.delay(random.between(100, 900)));
    await sleep(random.between(2_000, 4_000));
    lines.forEach(({ line }) => line.delay(0));
    return namesOf(lines);
  },
};

const silent: Fault = {
  name: 'drop',
  title: 'connections gone silent, one way or both',
  inject: async (lab, random) => {
    const lines = someLines(lab, random, random.between(1, 4));
    const both = ['toFar', 'toNear'] as const;
    lines.forEach(({ line }) => line.drop(...(random.chance(0.4) ? both : [random.pick(both)])));
    await sleep(random.between(2_000, 4_000));
    lines.forEach(({ line }) => line.heal());
    return namesOf(lines);
  },
};

/** The commit is on the server's disk, and nobody who asked for it is told. */
const loseAnswers: Fault = {
  name: 'lose-commit-answers',
  title: 'answers to commits lost: appends, publishing, checkpoints, inbox',
  inject: async (lab, random) => {
    const lines = lab.processes.flatMap(({ lines: { postgres, bus } }) => [postgres, ...(bus ? [bus] : [])]);
    const before = lines.reduce((sum, { lost }) => sum + lost, 0);
    lines.forEach((line) => line.loseAnswers(random.between(1, 3)));
    await sleep(random.between(2_000, 3_000));
    lines.forEach((line) => line.loseAnswers(0));
    return `${lines.reduce((sum, { lost }) => sum + lost, 0) - before} answers`;
  },
};

const TERMINATE = `select pg_terminate_backend(pid) from pg_stat_activity
                   where usename = current_user and pid <> pg_backend_pid() and hashint4(pid) % 3 = 0`;

const terminate: Fault = {
  name: 'terminate-sessions',
  title: 'a third of the database sessions terminated',
  inject: async (lab) => {
    let ended = 0;
    for (const url of Object.values(lab.stack.databases))
      if (url.startsWith('postgres')) ended += (await ask(url, TERMINATE).catch(() => [])).length;
    return `${ended} sessions`;
  },
};

const fullDisk: Fault = {
  name: 'full-disk',
  title: "PostgreSQL's disk full, data and write-ahead log",
  obstacle: ({ disk }) => (disk ? undefined : 'only root may mount a small disk'),
  inject: async ({ disk }, random) => {
    const ms = random.between(2_000, 4_000);
    disk?.fill();
    await sleep(ms);
    disk?.free();
    return `${ms} ms`;
  },
};

export const wireFaults: readonly Fault[] = [cut, slow, silent, loseAnswers, terminate, fullDisk];
