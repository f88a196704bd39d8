import { DomainError } from '@oppi/event-sourcing';
import { hashed, type Log } from './log';
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
const mayName = ({ role, organisationId, clients }: Caller, named: string): boolean =>
  named === organisationId || (providerRoles.has(role) && (clients === '*' || clients.includes(named)));

/**
 * Throws `not-found` for an organisation that the caller may not name: the same answer as for a thing that does not exist,
 * because whether another's organisation exists is nobody's business. The log keeps it as a security event (AUTH-22).
 */
export const requireOwnOrganisation = (caller: Caller, named: string, log: Log): void => {
  if (mayName(caller, named)) return;
  log.warn(
    {
      kind: 'security',
      outcome: 'other-organisation',
      organisation_id: caller.organisationId,
      named_organisation_id: named,
      client_id: caller.clientId,
      subject_hash: hashed(caller.actorId),
    },
    'a caller named an organisation that is not for it',
  );
  throw new DomainError('not-found', 'not-found', 'There is no such thing.');
};
