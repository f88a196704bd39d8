import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The services, in the order in which they start. */
export const SERVICES = ['goal', 'time-allocation', 'coaching', 'reporting'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Ports on 127.0.0.1. */
export type Ports = Readonly<{
  proxy: number;
  postgres: number;
  issuer: number;
  /** Of a Kafka that this run starts. */
  kafka: number;
  grpc: Readonly<Record<ServiceName, number>>;
  http: Readonly<Record<ServiceName, number>>;
}>;

const DEFAULT_BASE = 7070;
const SPAN = 20;

const perService = (first: number): Record<ServiceName, number> =>
  Object.fromEntries(SERVICES.map((name, index) => [name, first + index])) as Record<ServiceName, number>;

/** All ports follow from the first one: `OPPI_PORT_BASE`, 7070 when unset. */
export const portsFrom = (base: string | undefined): Ports => {
  const first = base === undefined || base === '' ? DEFAULT_BASE : Number(base);
  if (!Number.isInteger(first) || first < 1024 || first > 65_535 - SPAN)
    throw new Error(`OPPI_PORT_BASE must be a number from 1024 to ${65_535 - SPAN}.`);
  return {
    proxy: first,
    grpc: perService(first + 1),
    postgres: first + 8,
    issuer: first + 9,
    kafka: first + 10,
    http: perService(first + 11),
  };
};

const rootAbove = (folder: string): string => {
  if (existsSync(join(folder, 'package-lock.json'))) return realpathSync(folder);
  if (dirname(folder) === folder) throw new Error('The checkout has no package-lock.json.');
  return rootAbove(dirname(folder));
};

/** The checkout, found from the source as well as from the compiled file. */
export const ROOT = rootAbove(__dirname);

/** Folder of all that a run keeps: `OPPI_LOCAL`, or `.local` in the checkout. */
export const localFolder = (): string => process.env['OPPI_LOCAL'] ?? join(ROOT, '.local');
