import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { engineAnswers } from '../../kafka/engine-broker';
import { findKafka } from '../../kafka/find-kafka';
import type { BusName } from '../../local/bus';
import { portsFrom, ROOT } from '../../local/layout';
import { freePortBase } from '../../local/ports';
import { type Stack, startStack } from '../../local/stack';
import { temporaryFolder } from '../../local/temporary-folder';
import { tokenFor } from '../../local/tokens';
import type { Role } from '../../local/roles';

/** The product as it ships, each service a process of its own, on a folder of its own that goes with it. */
export type Product = Readonly<{
  stack: Stack;
  /** goal's own HTTP address, past the local proxy, which works in the process that measures. */
  goalHttp: string;
  token: (role: Role, organisationId: string) => Promise<string>;
  /** Waits until reporting has every fact that goal has, in its read models. */
  caughtUp: () => Promise<void>;
  stop: () => Promise<void>;
}>;

const CATCH_UP_LIMIT_MS = 120_000;

/** One number from one row. */
const numberFrom = async (client: Client, text: string): Promise<number> => {
  const { rows } = await client.query<{ n: string | null }>(text);
  return Number(rows[0]?.n ?? 0);
};

// All of goal's events are published, one message each, so the last one's position tells that nothing is missing.
const WRITTEN = 'select max(position) as n from events';
const TAKEN_IN = `select max(source_position) as n from inbox where source = 'goal'`;
/** Facts that reporting has taken in and not folded; its read models of the inbox move together, so one tells for all. */
export const NOT_FOLDED = `
  select coalesce((select max(position) from inbox), 0)
       - coalesce((select position from projection_checkpoints where projection = 'goals'), 0) as n`;

const waitUntilCaughtUp = async ({ databases }: Stack): Promise<void> => {
  const [goal, reporting] = [new Client(databases.goal), new Client(databases.reporting)];
  await Promise.all([goal.connect(), reporting.connect()]);
  try {
    const written = await numberFrom(goal, WRITTEN);
    const until = performance.now() + CATCH_UP_LIMIT_MS;
    while ((await numberFrom(reporting, TAKEN_IN)) < written || (await numberFrom(reporting, NOT_FOLDED)) > 0) {
      if (performance.now() > until) throw new Error('reporting did not catch up with goal within two minutes.');
      await pause(20);
    }
  } finally {
    await Promise.all([goal.end(), reporting.end()]);
  }
};

/** Why the product cannot be measured on Kafka here, in a sentence; undefined when it can. */
export const whyNoKafka = async (): Promise<string | undefined> => {
  try {
    await findKafka({ root: ROOT, env: process.env, hasEngine: engineAnswers });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

/** Starts it without the demo client, on a free range of ports; services write warnings only. */
export const startProduct = async (bus: BusName): Promise<Product> => {
  const folder = temporaryFolder('bench-product');
  const portBase = await freePortBase();
  process.env['APP_ENV'] ??= 'local';
  const stack = await startStack({
    folder,
    portBase,
    bus,
    empty: true,
    environment: (_name, settings) => Promise.resolve({ ...settings, LOG_LEVEL: 'warn' }),
  });
  return {
    stack,
    goalHttp: `http://127.0.0.1:${portsFrom(portBase).http.goal}`,
    token: (role, organisationId) => tokenFor(stack.endpoints, role, { organisationId }),
    caughtUp: () => waitUntilCaughtUp(stack),
    stop: async () => {
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Ids of so many organisations that nobody has registered yet. */
export const newOrganisations = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
