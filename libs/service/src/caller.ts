import { currentTrace } from './trace';

/** Roles of the provider's side work for several client organisations; those of the client's side for their own only. */
export const PROVIDER_ROLES = ['operations', 'coach', 'verifier', 'billing'] as const;
export const CLIENT_ROLES = ['sponsor', 'manager', 'learner', 'integration'] as const;
export const ROLES = [...PROVIDER_ROLES, ...CLIENT_ROLES] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, as the access token says. Ids only. */
export type Caller = Readonly<{
  actorId: string;
  role: Role;
  /** The home organisation: the client's own, or the provider's. */
  organisationId: string;
  /** The client organisations a caller of the provider's side works for; `*` is all of them. */
  clients: '*' | readonly string[];
  /** The program that asks on the actor's behalf. */
  clientId: string;
}>;

/** The caller as one who reads texts by an operation, to be noted. */
export const readerOf = (operation: { readonly name: string }, { actorId, role, clientId }: Caller) => ({
  actorId,
  role,
  clientId,
  operation: operation.name,
  correlationId: currentTrace()?.traceId,
});

const providerRoles: ReadonlySet<string> = new Set(PROVIDER_ROLES);

/** Whether the caller may name this organisation at all. What may be done there is the role's and the rules' business. */
export const mayName = ({ role, organisationId, clients }: Caller, named: string): boolean =>
  named === organisationId || (providerRoles.has(role) && (clients === '*' || clients.includes(named)));
