import { bus, postgres, serviceConfig } from '@oppi/service';
import { z } from 'zod';

/**
 * What time-allocation needs from its environment. ROOT_KEY_FILE holds 32 bytes in base64: the key that wraps every
 * person's key. IMPORT_MOST_LAG is how many events may wait for the relay before imports are held up; IMPORT_MOST_WAIT_MS
 * is how long a run waits for what its items name and goal has not told yet.
 */
export const timeAllocationConfig = {
  ...serviceConfig,
  ...postgres,
  ...bus,
  ROOT_KEY_FILE: z.string().min(1),
  IMPORT_MOST_LAG: z.coerce.number().int().min(1).default(20_000),
  IMPORT_MOST_WAIT_MS: z.coerce.number().int().min(0).max(60_000).default(10_000),
};
export type TimeAllocationConfig = z.output<z.ZodObject<typeof timeAllocationConfig>>;
