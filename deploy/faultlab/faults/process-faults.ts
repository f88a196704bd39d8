import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES, type ServiceName } from '../../local/layout';
import { send } from '../lab-process';
import type { Fault } from './fault';

const kill = (service: ServiceName): Fault => ({
  name: `kill-${service}`,
  title: `kill -9 of a ${service} process`,
  inject: (lab, random) => {
    const { name, part } = random.pick(lab.of(service));
    send(part.pid(), 'SIGKILL');
    return Promise.resolve(name);
  },
});

const killAll = (service: ServiceName): Fault => ({
  name: `kill-every-${service}`,
  title: `kill -9 of every ${service} process at once`,
  inject: (lab) => {
    lab.of(service).forEach(({ part }) => send(part.pid(), 'SIGKILL'));
    return Promise.resolve(service);
  },
});

const LEASE_MS = 5_000;

/** Asleep for longer than any lease lasts, so that another takes over, and then awake with all it believed. */
const zombie = (service: ServiceName): Fault => ({
  name: `zombie-${service}`,
  title: `a ${service} process stopped past its lease, then continued`,
  inject: async (lab, random) => {
    const { name, part } = random.pick(lab.of(service));
    const pid = part.pid();
    const ms = LEASE_MS + random.between(1_000, 3_000);
    send(pid, 'SIGSTOP');
    await sleep(ms);
    send(pid, 'SIGCONT');
    return `${name} for ${ms} ms`;
  },
});

const restart = (service: ServiceName): Fault => ({
  name: `restart-${service}`,
  title: `SIGTERM to a ${service} process, started again`,
  inject: (lab, random) => {
    const { name, part } = random.pick(lab.of(service));
    send(part.pid(), 'SIGTERM');
    return Promise.resolve(name);
  },
});

const killPostgres: Fault = {
  name: 'kill-postgres',
  title: 'kill -9 of PostgreSQL with all its processes',
  inject: (lab) => {
    const pids = lab.postgresPids();
    pids.forEach((pid) => send(pid, 'SIGKILL'));
    return Promise.resolve(`${pids.length} processes`);
  },
};

const freezePostgres: Fault = {
  name: 'freeze-postgres',
  title: 'PostgreSQL stopped and continued',
  inject: async (lab, random) => {
    const pids = lab.postgresPids();
    const ms = random.between(1_500, 4_000);
    pids.forEach((pid) => send(pid, 'SIGSTOP'));
    await sleep(ms);
    pids.forEach((pid) => send(pid, 'SIGCONT'));
    return `${ms} ms`;
  },
};

const killKafka: Fault = {
  name: 'kill-kafka',
  title: 'kill -9 of the Kafka broker',
  obstacle: ({ stack }) => (stack.parts.kafka ? undefined : 'the run is on the embedded log'),
  inject: (lab) => {
    const pid = lab.stack.parts.kafka?.pid() ?? 0;
    send(pid, 'SIGKILL');
    return Promise.resolve(`process ${pid}`);
  },
};

export const processFaults: readonly Fault[] = [
  ...SERVICES.map(kill),
  ...SERVICES.map(killAll),
  ...SERVICES.map(zombie),
  ...SERVICES.map(restart),
  killPostgres,
  killKafka,
  freezePostgres,
];
