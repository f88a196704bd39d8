import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { BusName } from '../local/bus';
import { freePortBase } from '../local/ports';
import { type Stack, startStack } from '../local/stack';
import { temporaryFolder } from '../local/temporary-folder';

/** A whole product in a folder that goes when it is stopped. */
export type Product = Readonly<{ folder: string; stack: Stack; stop: () => Promise<void> }>;

/** The product in processes of its own and an empty folder, on ports of its own. */
export const startProduct = async (bus: BusName = 'embedded'): Promise<Product> => {
  const folder = temporaryFolder('journey');
  const portBase = await freePortBase();
  const stack = await startStack({ folder, empty: true, portBase, bus });
  const stop = async (): Promise<void> => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, stack, stop };
};

/** Reads until it is there: facts take a moment from service to service. Answers or throws what the last try did. */
export const eventually = async <T>(read: () => Promise<T>, isThere: (value: T) => boolean): Promise<T> => {
  for (let i = 0; i < 1_200; i += 1) {
    const value = await read().catch(() => undefined);
    if (value !== undefined && isThere(value)) return value;
    await pause(50);
  }
  return read();
};

export const today = (): string => new Date().toISOString().slice(0, 10);
export const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
export const daysAgo = (days: number): string => inDays(-days);
