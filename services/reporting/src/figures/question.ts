import { instant, localDate, organisationId, uuid } from '@oppi/service';
import { z } from 'zod';

/**
 * The two clocks of a figure: it uses what was recorded by `knownAt` and holds on `on`. Without `on` it is final: every
 * fact counts, also one whose date nobody knows. Without `knownAt`, everything recorded so far.
 */
export const clocks = { on: localDate.optional(), knownAt: instant.optional() };

/** Whose figure: a team with the teams below it, a person, or neither: the organisation. */
export const scope = { organisationId, teamId: uuid.optional(), personId: uuid.optional() };

export type Clocks = Readonly<{ on?: string | undefined; knownAt?: string | undefined }>;
export type Scope = Readonly<{ organisationId: string; teamId?: string | undefined; personId?: string | undefined }>;

const count = z.int().min(0);
const basisPoints = z.int().min(0).max(10_000).optional();

export const attainment = z
  .strictObject({
    agreed: count,
    attained: count,
    missed: count,
    withdrawn: count,
    overdue: count,
    open: count,
    rateBasisPoints: basisPoints,
    rateWithoutWithdrawnBasisPoints: basisPoints,
  })
  .meta({ id: 'Attainment' });

export const participation = z
  .strictObject({ registered: count, left: count, open: count })
  .meta({ id: 'Participation' });

export const basis = z
  .strictObject({
    on: localDate.optional(),
    knownAt: z.iso.datetime().optional(),
    inboxPosition: z.string().regex(/^[0-9]+$/),
    ruleVersion: z.string(),
    complete: z.boolean(),
    parkedMessages: count,
  })
  .meta({ id: 'Basis' });
export type Basis = z.output<typeof basis>;
