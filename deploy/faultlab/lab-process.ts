import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServiceName } from '../local/layout';
import type { Part, Settings } from '../local/stack';
import { Line } from './line';

/** The ways in and out of one process. `peers` are its calls to other services. */
export type Lines = Readonly<{ http: Line; grpc: Line; postgres: Line; bus?: Line; peers: readonly Line[] }>;

/** One process of a service, behind lines of its own. */
export type LabProcess = Readonly<{ name: string; service: ServiceName; part: Part; lines: Lines; skewFile: string }>;

const portOf = (url: string): number => Number(new URL(url).port);

const throughLine = (url: string, line: Line): string => {
  const moved = new URL(url);
  moved.port = String(line.port);
  return moved.href;
};

const isEmbedded = (url: string): boolean => url.startsWith('postgres');
const PEER = /_GRPC$/;

/** Lays the lines of a process that is about to start, and says what it has to be told so that it uses them. */
export const layLines = async (settings: Settings): Promise<{ lines: Lines; settings: Settings }> => {
  const { POSTGRES_URL: database = '', BUS_URL: busUrl = '', HTTP_PORT, GRPC_PORT } = settings;
  const postgres = await Line.lay(portOf(database));
  const bus = isEmbedded(busUrl) ? await Line.lay(portOf(busUrl)) : undefined;
  const peers: Line[] = [];
  const changed: Record<string, string> = { POSTGRES_URL: throughLine(database, postgres) };
  if (bus) changed['BUS_URL'] = throughLine(busUrl, bus);
  for (const [name, value] of Object.entries(settings)) {
    if (!PEER.test(name)) continue;
    const peer = await Line.lay(Number(value.split(':').at(-1)));
    peers.push(peer);
    changed[name] = `127.0.0.1:${peer.port}`;
  }
  const ways = { http: await Line.lay(Number(HTTP_PORT)), grpc: await Line.lay(Number(GRPC_PORT)) };
  return { lines: { ...ways, postgres, peers, ...(bus && { bus }) }, settings: { ...settings, ...changed } };
};

export const allLines = ({ lines: { http, grpc, postgres, bus, peers } }: Pick<LabProcess, 'lines'>): Line[] => [
  http,
  grpc,
  postgres,
  ...(bus ? [bus] : []),
  ...peers,
];

/** Sends a signal; a process that is gone already is no error. */
export const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // gone
  }
};

/** The processes that this one started. Linux only; else none. */
export const childrenOf = (pid: number): number[] => {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
};

/** Moves the clock of a process by this much from the machine's; 0 puts it right. */
export const skew = ({ skewFile }: LabProcess, ms: number): void => {
  if (ms === 0) rmSync(skewFile, { force: true });
  else writeFileSync(skewFile, String(ms));
};
