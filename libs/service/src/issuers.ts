import { createHash } from 'node:crypto';
import { z } from 'zod';
import { uuid } from './fields';

const ALGORITHMS = ['ES256', 'PS256', 'EdDSA'] as const;

/** Who signs access tokens, where its keys are, and whom it may speak for. */
export type Issuer = Readonly<{
  issuer: string;
  jwksUrl: string;
  algorithms: readonly string[];
  /** The one client organisation whose people and programs it knows; absent for an issuer of the provider's own. */
  organisationId?: string;
  /** Whether its subjects are our actors as they are, as those of AUTH_ISSUER; any other issuer's are made ours. */
  isFirst: boolean;
}>;

const url = z.url({ protocol: /^https?$/ });
const algorithm = z.enum(ALGORITHMS);
const entry = z
  .tuple([z.union([z.literal('*'), uuid]), url, url], algorithm)
  .transform(([organisation, issuer, jwksUrl, ...algorithms]) => ({
    issuer,
    jwksUrl,
    algorithms: algorithms.length > 0 ? algorithms : ALGORITHMS,
    ...(organisation === '*' ? {} : { organisationId: organisation }),
    isFirst: false,
  }));

const WORDS = /\s+/;
const entriesOf = (text: string): string[][] =>
  text.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim().split(WORDS)]));

/** Some of the algorithms we take, with blanks between them. */
export const algorithms = z
  .string()
  .transform((text) => text.trim().split(WORDS))
  .pipe(z.array(algorithm).min(1));

/**
 * Issuers beside AUTH_ISSUER, with commas between them: `<organisation id> <issuer> <keys url> [<algorithm> …]`, where `*`
 * in place of the organisation is an issuer of the provider's own, who may speak for everybody.
 */
export const moreIssuers = z.string().transform((text, context): readonly Issuer[] => {
  const { data = [], success } = z.array(entry).min(1).safeParse(entriesOf(text));
  const isTwice = new Set(data.map(({ issuer }) => issuer)).size < data.length;
  const expected = 'expected `<organisation id or *> <issuer> <keys url> [<algorithm> …]`, with commas between them';
  if (!success) context.addIssue(expected);
  if (isTwice) context.addIssue('an issuer is named twice');
  return data;
});

/** Every address in the text of AUTH_MORE_ISSUERS, right or wrong. */
export const addressesIn = (text: string): string[] => entriesOf(text).flatMap(([, ...words]) => words.slice(0, 2));

/** The issuers named there. */
export const issuersIn = (text: string): (string | undefined)[] => entriesOf(text).map(([, issuer]) => issuer);

type Configured = Readonly<{
  AUTH_ISSUER: string;
  AUTH_JWKS_URL: string;
  AUTH_ALGORITHMS?: readonly string[] | undefined;
  AUTH_MORE_ISSUERS?: readonly Issuer[] | undefined;
}>;

/** Every issuer that is trusted; the first is that of AUTH_ISSUER. */
export const issuersOf = (config: Configured): readonly [Issuer, ...Issuer[]] => [
  {
    issuer: config.AUTH_ISSUER,
    jwksUrl: config.AUTH_JWKS_URL,
    algorithms: config.AUTH_ALGORITHMS ?? ALGORITHMS,
    isFirst: true,
  },
  ...(config.AUTH_MORE_ISSUERS ?? []),
];

// RFC 9562: the name space of addresses.
const ADDRESSES = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

const uuidV5 = (space: string, name: string): string => {
  const hash = createHash('sha1')
    .update(Buffer.from(space.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

/**
 * The actor behind a subject. Who somebody is are issuer and subject together, so that no issuer can name a person of
 * another: UUIDv5 of the subject, in the name space that is the UUIDv5 of the issuer's address. Anybody can reckon it.
 */
export const actorOf = ({ issuer, isFirst }: Issuer, subject: string): string =>
  isFirst ? subject : uuidV5(uuidV5(ADDRESSES, issuer), subject);
