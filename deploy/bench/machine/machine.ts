import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../local/layout';
import { findPgbench, pgbenchVersion } from '../append/pgbench';
import type { BenchServer } from './server';

// From the file: not every package lets its package.json be required.
const versionOf = (name: string): string => {
  const manifest = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return `${name} ${(JSON.parse(manifest) as { version: string }).version}`;
};

/** PostgreSQL's settings that decide what an append costs. */
const SETTINGS = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'shared_buffers',
  'max_wal_size',
];

const settingsOf = async (server: BenchServer): Promise<string> => {
  const rows = await server.rows<{ name: string; value: string }>(
    `select name, current_setting(name) as value from unnest($1::text[]) name`,
    [SETTINGS],
  );
  return rows.map(({ name, value }) => `${name} ${value}`).join(', ');
};

/** How busy the machine was before the first measurement, as the average length of the run queue over the last minute. */
export const loadNow = (): number => loadavg()[0] ?? 0;

const processor = (): string => {
  const all = cpus();
  const flags = process.platform === 'linux' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const virtual = /\bhypervisor\b/.test(flags) ? ', virtual' : '';
  return `${all.length} cores of ${all[0]?.model ?? 'an unknown processor'}${virtual}`;
};

/** Everything a reader needs to judge the figures, a line each. */
export const describeMachine = async (server: BenchServer): Promise<string[]> => {
  const [version] = await server.rows<{ version: string }>(`select current_setting('server_version') as version`);
  return [
    `machine: ${processor()}, ${String(Math.round(totalmem() / 2 ** 30))} GiB, ${type()} ${release()}; client and server share it`,
    `PostgreSQL ${version?.version} with the settings the product ships: ${await settingsOf(server)}`,
    `Node ${process.versions.node}, ${versionOf('pg')}, ${versionOf('typeorm')}, ${versionOf('@grpc/grpc-js')}, ${versionOf('fastify')}, ${versionOf('@eventide/message-db')}, ${pgbenchVersion(findPgbench())}`,
  ];
};
