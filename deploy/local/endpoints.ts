import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from './layout';

/** Where a running product is reached; also the content of `endpoints.json` in the run's folder. */
export type Endpoints = Readonly<{
  /** Base of every REST address: `<api>/goal/v1/…`. */
  api: string;
  /** Base of the local issuer: `<issuer>/mint` for a developer, `<issuer>/clients` and `<issuer>/token` for programs. */
  issuer: string;
  /** `host:port` of each service's gRPC. */
  grpc: Readonly<Record<ServiceName, string>>;
  /** Organisation that tokens of the client's side belong to unless another is asked for. */
  demoOrganisationId: string;
}>;

const path = (folder: string): string => join(folder, 'endpoints.json');

/** Tells other programs where this run is. */
export const announce = (folder: string, endpoints: Endpoints): void => {
  writeFileSync(`${path(folder)}.new`, `${JSON.stringify(endpoints, null, 2)}\n`);
  renameSync(`${path(folder)}.new`, path(folder));
};

export const withdraw = (folder: string): void => rmSync(path(folder), { force: true });

/** Where the product that uses `folder` runs; undefined when it does not, also when it was killed and left its file. */
export const runningEndpoints = async (folder: string): Promise<Endpoints | undefined> => {
  if (!existsSync(path(folder))) return undefined;
  const endpoints = JSON.parse(readFileSync(path(folder), 'utf8')) as Endpoints;
  const answer = await fetch(`${endpoints.issuer}/jwks`).catch(() => undefined);
  return answer?.ok ? endpoints : undefined;
};
