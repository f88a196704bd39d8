import { bus, postgres, serviceConfig } from '@oppi/service';
import { z } from 'zod';

const days = z.coerce.number().int().min(1).max(365);

/**
 * What coaching needs from its environment. ROOT_KEY_FILE holds 32 bytes in base64: the key that wraps every person's key.
 * LOW_DIAL is the highest answer that counts as low. Days: CONCERN_DUE_DAYS until a concern must be dealt with,
 * STALLED_AFTER_DAYS without progress until a goal counts as stalled, CHECK_IN_STALE_DAYS until an answer is old.
 */
export const coachingConfig = {
  ...serviceConfig,
  ...postgres,
  ...bus,
  ROOT_KEY_FILE: z.string().min(1),
  LOW_DIAL: z.coerce.number().int().min(1).max(4).default(2),
  CONCERN_DUE_DAYS: days.default(5),
  STALLED_AFTER_DAYS: days.default(21),
  CHECK_IN_STALE_DAYS: days.default(30),
};
export type CoachingConfig = z.output<z.ZodObject<typeof coachingConfig>>;

/** The settings that rules are decided by. */
export type Settings = Pick<
  CoachingConfig,
  'LOW_DIAL' | 'CONCERN_DUE_DAYS' | 'STALLED_AFTER_DAYS' | 'CHECK_IN_STALE_DAYS'
>;
export const SETTINGS = Symbol('coaching settings');
