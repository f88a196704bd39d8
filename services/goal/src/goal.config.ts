import { bus, postgres, serviceConfig } from '@oppi/service';
import { z } from 'zod';

/**
 * What goal needs from its environment. ROOT_KEY_FILE holds 32 bytes in base64: the key that wraps every person's key.
 * TIME_ALLOCATION_GRPC is `host:port`; without it nobody is asked whether goals are feasible. FEASIBILITY_DEADLINE_MS is how
 * long an agreement waits for that answer. IMPORT_MOST_LAG is how many events may wait for the relay before imports are held up.
 */
export const goalConfig = {
  ...serviceConfig,
  ...postgres,
  ...bus,
  ROOT_KEY_FILE: z.string().min(1),
  TIME_ALLOCATION_GRPC: z
    .string()
    .regex(/^[^\s/:]+:\d{1,5}$/, 'must be host:port')
    .optional(),
  FEASIBILITY_DEADLINE_MS: z.coerce.number().int().min(1).max(5_000).default(800),
  IMPORT_MOST_LAG: z.coerce.number().int().min(1).default(20_000),
};
export type GoalConfig = z.output<z.ZodObject<typeof goalConfig>>;
