import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { isProviderSide, type Role } from '../roles';

/** What every service here accepts a token for. */
export const AUDIENCE = 'oppi';

/** Whom a token is for. `sub` is the actor. */
export type Subject = Readonly<{ role: Role; organisationId: string; sub: string }>;

type Terms = Readonly<{ issuer: string; clientId: string; lifetimeS: number }>;

/** A key that lives in this process alone: it cannot be exported, so it is never on disk. */
export type SigningKey = Readonly<{
  publicJwk: JWK;
  sign: (subject: Subject, terms: Terms) => Promise<string>;
}>;

export const makeSigningKey = async (): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: false });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    publicJwk: { ...jwk, kid, alg: 'ES256', use: 'sig' },
    sign: ({ role, organisationId, sub }, { issuer, clientId, lifetimeS }) =>
      new SignJWT({
        role,
        organisation_id: organisationId,
        client_id: clientId,
        ...(isProviderSide(role) ? { clients: '*' } : {}),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(sub)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${lifetimeS}s`)
        .sign(privateKey),
  };
};
