import { bus, postgres, serviceConfig } from '@oppi/service';
import type { z } from 'zod';

/** What reporting needs from its environment. */
export const reportingConfig = { ...serviceConfig, ...postgres, ...bus };
export type ReportingConfig = z.output<z.ZodObject<typeof reportingConfig>>;
