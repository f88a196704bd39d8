import { z } from 'zod';

/** An id. Lower case after parsing, so that one thing has one spelling in streams and keys. */
export const uuid = z.uuid().toLowerCase();

/** The client organisation an operation is about: its tenant. Part of every input. */
export const organisationId = uuid;

const toUtc = (value: string): string => {
  const time = Date.parse(value);
  return Number.isNaN(time) ? value : new Date(time).toISOString();
};

// Days of the real calendar, of the years that every consumer of our facts takes. One beyond them would be accepted here and
// parked there, and hold up all that follows. One expression, for those who generate values from it.
const YEAR = '(?:19|2[0-9])';
const LEAP_DAY = `(?:${YEAR}(?:[2468][048]|[13579][26]|0[48])|2[048]00)-02-29`;
const OTHER_DAY = [
  '(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])',
  '(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)',
  '02-(?:0[1-9]|1[0-9]|2[0-8])',
].join('|');
const DAY = `(?:${LEAP_DAY}|${YEAR}[0-9]{2}-(?:${OTHER_DAY}))`;
const TIME = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?';
const ZONE = '(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])';
const day = new RegExp(`^${DAY}$`);
const time = new RegExp(`^${DAY}T${TIME}${ZONE}$`);

/** RFC 3339 with a zone, from 1900 to 2999; `YYYY-MM-DDTHH:MM:SS.sssZ` after parsing, so that text order is time order. */
export const instant = z
  .string()
  .regex(time, 'must be a time with a zone, from 1900 to 2999')
  .overwrite(toUtc)
  // Its zone may have brought it over the edge.
  .refine((utc) => time.test(utc), 'must be from 1900 to 2999')
  .meta({ format: 'date-time' });

/** A date of the real calendar, `YYYY-MM-DD`, from 1900 to 2999, in the organisation's time zone. */
export const localDate = z.string().regex(day, 'must be a date from 1900 to 2999').meta({ format: 'date' });

/** A kebab-case word of a public vocabulary, such as a kind or a reason. */
export const code = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be kebab-case');

// Patterns are published, so they are written in what every regular expression engine reads: no \p{…}, and \s is spelled out,
// because engines differ in what it holds. Control characters break logs, terminals and CSV files. After blanks there is one
// character that is none: what trimming and a least length say together, a schema cannot say otherwise.
const BLANK = ' \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';
const worded = (controls: string, blank: string): RegExp =>
  new RegExp(`^[${blank}]*[^${controls}${blank}][^${controls}]*$`);
const oneLine = worded('\\u0000-\\u001f\\u007f-\\u009f', BLANK);
const manyLines = worded('\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f', `\\t\\n${BLANK}`);

// A lone surrogate cannot be stored as UTF-8. No JSON text in UTF-8 has one but by an escape.
const isUnicode = (value: string): boolean => !/\p{Cs}/u.test(value);

const words = (max: number, allowed: RegExp, message: string) =>
  z.string().min(1).max(max).regex(allowed, message).refine(isUnicode, message).trim();

/** One line of text of 1 to `max` UTF-16 units, blanks around it included; they are gone after parsing. */
export const text = (max: number) => words(max, oneLine, 'must be one line of text');

/** Text that may have several lines, 1 to `max` UTF-16 units, white space around it included; it is gone after parsing. */
export const prose = (max: number) => words(max, manyLines, 'must be plain text');

/** Items in a page: 1 to 200, 50 when absent. */
export const pageLimit = z.int().min(1).max(200).default(50);

/** Where a page begins: as given with the page before it, opaque to the client. */
export const pageCursor = z.string().min(1).max(512);

/** A version of an aggregate, from 1 without a gap; 0 is one that does not exist yet. */
export const version = z.int32().min(0);

/** What every command answers. */
export const accepted = z.strictObject({
  version: version.meta({ description: 'Version of the aggregate after the command.' }),
  position: z
    .string()
    .regex(/^[0-9]+$/)
    .meta({ description: "Position of the command's last event in the service's log." }),
  replayed: z
    .boolean()
    .meta({ description: 'Whether this is the stored answer of an earlier call under the same key.' }),
});
export type Accepted = z.output<typeof accepted>;
