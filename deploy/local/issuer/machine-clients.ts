import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { PROVIDER_ID } from '../roles';
import { Refused, uuidOf } from './refused';
import type { Subject } from './signing';

const MACHINE_ROLES = ['integration', 'billing'] as const;
const KEY_TYPES: readonly unknown[] = ['EC', 'RSA', 'OKP'];
const MOST_KEYS = 2; // the one in use, and the next
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const LONGEST_ASSERTION_S = 60;

type MachineClient = Readonly<{ subject: Subject; keys: JSONWebKeySet }>;

const invalidClient = (): Refused => new Refused('The client could not be told.', 'invalid_client', 401);

/** Programs that have registered, and how they show who they are: by a signature, never by a shared secret. */
export class MachineClients {
  private readonly clients = new Map<string, MachineClient>();
  /** Assertions that were used, until they expire. */
  private readonly used = new Map<string, number>();

  constructor(
    private readonly issuer: string,
    private readonly defaultOrganisationId: string,
  ) {}

  /** Registers a program for one role and one organisation, which it never changes. Answers its client id. */
  register(input: Readonly<Record<string, unknown>>): { client_id: string } {
    const role = MACHINE_ROLES.find((name) => name === input['role']);
    if (!role) throw new Refused(`role must be one of ${MACHINE_ROLES.join(', ')}.`);
    const named = role === 'billing' ? PROVIDER_ID : (input['organisationId'] ?? this.defaultOrganisationId);
    const sub = randomUUID();
    const subject = { role, organisationId: uuidOf('organisationId', named), sub };
    this.clients.set(sub, { subject, keys: publicKeysOf(input['jwks']) });
    return { client_id: sub };
  }

  /** Who asks for a token by client credentials. What else the request names, an organisation say, is not listened to. */
  async authenticate(form: URLSearchParams): Promise<Subject> {
    const assertion = assertionIn(form);
    try {
      const { iss } = decodeJwt(assertion);
      const client = this.clients.get(String(iss));
      if (!client || (form.get('client_id') ?? iss) !== iss) throw invalidClient();
      this.requireFresh(await this.verify(assertion, client));
      return client.subject;
    } catch (error) {
      throw error instanceof errors.JOSEError ? invalidClient() : error;
    }
  }

  private async verify(assertion: string, { subject, keys }: MachineClient): Promise<JWTPayload> {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys), {
      algorithms: ['ES256', 'PS256', 'EdDSA'],
      issuer: subject.sub,
      subject: subject.sub,
      requiredClaims: ['exp', 'jti'],
    });
    // The issuer's name as the one text: whoever takes a list, or the token address, can be given an assertion that was made
    // for another issuer.
    if (payload.aud !== this.issuer) throw invalidClient();
    return payload;
  }

  private requireFresh({ jti, exp = 0, iss }: JWTPayload): void {
    const now = Date.now() / 1_000;
    if (exp - now > LONGEST_ASSERTION_S) throw invalidClient();
    for (const [each, until] of this.used) if (until < now) this.used.delete(each);
    const name = JSON.stringify([iss, jti]);
    if (this.used.has(name)) throw invalidClient();
    this.used.set(name, exp);
  }
}

const assertionIn = (form: URLSearchParams): string => {
  if (new Set(form.keys()).size < form.size) throw new Refused('Each parameter once.');
  if (form.get('grant_type') !== 'client_credentials')
    throw new Refused('Only client_credentials.', 'unsupported_grant_type');
  const assertion = form.get('client_assertion');
  if (!assertion || form.get('client_assertion_type') !== ASSERTION || form.has('client_secret')) throw invalidClient();
  return assertion;
};

const publicKeysOf = (jwks: unknown): JSONWebKeySet => {
  const { keys } = Object(jwks) as { keys?: unknown };
  const isPublic = (key: unknown): boolean => {
    const jwk = Object(key) as Record<string, unknown>;
    return KEY_TYPES.includes(jwk['kty']) && typeof jwk['kid'] === 'string' && jwk['d'] === undefined;
  };
  if (!Array.isArray(keys) || keys.length < 1 || keys.length > MOST_KEYS || !keys.every(isPublic))
    throw new Refused('jwks must hold one or two public keys, EC, RSA or OKP, each with a kid.');
  return { keys: keys as JSONWebKeySet['keys'] };
};
