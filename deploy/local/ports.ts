import { isPortFree } from '@oppi/local-postgres';
import { portsFrom, SERVICES, type Ports } from './layout';

// PostgreSQL looks at its own port, once it has ended a server that a killed starter left there.
const doorsOf = (ports: Ports): [string, number][] => [
  ['the proxy', ports.proxy],
  ['the issuer', ports.issuer],
  ...SERVICES.flatMap((name): [string, number][] => [
    [`${name} over gRPC`, ports.grpc[name]],
    [`${name} over HTTP`, ports.http[name]],
  ]),
];

/** Throws, in words for the reader, when somebody else uses one of the ports that every run needs. */
export const requireFreePorts = async (ports: Ports): Promise<void> => {
  for (const [user, port] of doorsOf(ports)) await requireFreePort(user, port);
};

export const requireFreePort = async (user: string, port: number): Promise<void> => {
  if (!(await isPortFree(port)))
    throw new Error(
      `Port ${port}, for ${user}, is in use. Stop what uses it, or set OPPI_PORT_BASE to another first port.`,
    );
};

/** The first port of a range that nobody uses now, for a product beside others: tests and measurements. */
export const freePortBase = async (): Promise<string> => {
  for (;;) {
    // Below the ports that outgoing connections take.
    const base = String(12_000 + 20 * Math.floor(Math.random() * 1_000));
    const { proxy, postgres, issuer, kafka, grpc, http } = portsFrom(base);
    const all = [proxy, postgres, issuer, kafka, ...Object.values(grpc), ...Object.values(http)];
    if ((await Promise.all(all.map(isPortFree))).every(Boolean)) return base;
  }
};
