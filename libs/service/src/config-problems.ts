import { addressesIn, issuersIn } from './issuers';

type Given = Readonly<Record<string, string | undefined>>;

// What reaches this machine, or names nobody, however it is written: `URL` has made numbers of the other spellings.
const PRIVATE_HOST =
  /^(localhost|0\.0\.0\.0|127\..*|\[::\]|\[::1\]|\[::ffff:(7f[0-9a-f]{2}:[0-9a-f]{1,4}|0:0)\]|.*\.(localhost|local|test|invalid))\.?$/;

const isPublic = (address: string): boolean => {
  if (!URL.canParse(address)) return true; // the schema says so already
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' && !PRIVATE_HOST.test(hostname);
};

/** A token from somebody's own machine must not open a real service (AUTH-04). */
export const issuerProblems = (given: Given): string[] => {
  const named: [string, string[]][] = [
    ['AUTH_ISSUER', [given['AUTH_ISSUER'] ?? '']],
    ['AUTH_JWKS_URL', [given['AUTH_JWKS_URL'] ?? '']],
    ['AUTH_MORE_ISSUERS', addressesIn(given['AUTH_MORE_ISSUERS'] ?? '')],
  ];
  return named
    .filter(([, addresses]) => !addresses.every(isPublic))
    .map(([name]) => `${name} has to be https and public unless APP_ENV is local or test`);
};

/** Two sets of keys for one name: which of them counts would be chance. */
export const namesakeProblems = (given: Given): string[] =>
  issuersIn(given['AUTH_MORE_ISSUERS'] ?? '').includes(given['AUTH_ISSUER'])
    ? ['AUTH_MORE_ISSUERS names that of AUTH_ISSUER once more']
    : [];

/** Money and proof are dated by the clock: where it counts, nobody chooses what time it is. */
export const clockProblems = (given: Given): string[] =>
  given['CLOCK_STARTS_AT'] === undefined ? [] : ['CLOCK_STARTS_AT is only for APP_ENV local or test'];

const TLS_FILES = ['GRPC_TLS_CERT', 'GRPC_TLS_KEY', 'GRPC_TLS_CA'];

/** gRPC without certificates is for a developer's machine, or a choice that somebody has made (AUTH-30). */
export const tlsProblems = (given: Given, isDevelopment: boolean): string[] => {
  const missing = TLS_FILES.filter((name) => given[name] === undefined);
  if (given['GRPC_TLS'] === 'off')
    return missing.length === TLS_FILES.length ? [] : ['GRPC_TLS is off, and yet there are certificates'];
  if (missing.length === 0 || (missing.length === TLS_FILES.length && isDevelopment)) return [];
  return missing.map((name) => `${name} is missing; GRPC_TLS=off says that another guards gRPC`);
};
