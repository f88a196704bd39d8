import { bus, postgres, serviceConfig } from '@oppi/service';
import { z } from 'zod';

/**
 * What time-allocation needs from its environment. ROOT_KEY_FILE holds 32 bytes in base64: the key that wraps every
 * person's key. IMPORT_MOST_LAG is how many events may wait for the relay before imports are held up.
 */
export const timeAllocationConfig = {
  ...serviceConfig,
  ...postgres,
  ...bus,
  ROOT_KEY_FILE: z.string().min(1),
  IMPORT_MOST_LAG: z.coerce.number().int().min(1).default(20_000),
};
export type TimeAllocationConfig = z.output<z.ZodObject<typeof timeAllocationConfig>>;
