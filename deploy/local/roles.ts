import { createHash } from 'node:crypto';

/** Roles of the provider's own people; they work for every client here. */
const PROVIDER_SIDE = ['operations', 'coach', 'verifier', 'billing'] as const;
const CLIENT_SIDE = ['sponsor', 'manager', 'learner', 'integration'] as const;

export const ROLES = [...PROVIDER_SIDE, ...CLIENT_SIDE] as const;
export type Role = (typeof ROLES)[number];

export const isRole = (text: unknown): text is Role => ROLES.some((role) => role === text);
export const isProviderSide = (role: Role): boolean => PROVIDER_SIDE.some((name) => name === role);

/** A UUID that is the same on every machine and at every start. */
export const fixedUuid = (name: string): string => {
  const hex = createHash('sha256').update(`oppi local ${name}`).digest('hex');
  // Version 8 is for ids of one's own making; the first digit after the third hyphen is the variant.
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
};

/** The provider is an organisation of its own. */
export const PROVIDER_ID = fixedUuid('provider');
/** The organisation of the demo client. */
export const DEMO_ORGANISATION_ID = fixedUuid('demo organisation');
