/** What the issuer does not do, as OAuth names it (RFC 6749, 5.2). */
export class Refused extends Error {
  constructor(
    message: string,
    readonly error = 'invalid_request',
    readonly status = 400,
  ) {
    super(message);
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The UUID a request names. */
export const uuidOf = (name: string, value: unknown): string => {
  if (typeof value === 'string' && UUID.test(value)) return value;
  throw new Refused(`${name} must be a UUID in lower case.`);
};
