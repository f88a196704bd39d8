import { bus, postgres, serviceConfig } from '@oppi/service';
import { z } from 'zod';

/** What reporting needs from its environment. ROOT_KEY_FILE holds 32 bytes in base64: the key that wraps every person's key. */
export const reportingConfig = { ...serviceConfig, ...postgres, ...bus, ROOT_KEY_FILE: z.string().min(1) };
export type ReportingConfig = z.output<z.ZodObject<typeof reportingConfig>>;
