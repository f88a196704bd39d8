import { z } from 'zod';
import { code, instant, localDate, pageLimit, prose, text, uuid } from './fields';
import { parse } from './parse';

// Jest's matchers are untyped; an error with these fields is meant.
const refusal = (fields: object): Error => expect.objectContaining(fields) as Error;

const accepts = (schema: z.ZodType, value: unknown): boolean => schema.safeParse(value).success;

describe('an id', () => {
  it('has one spelling', () => {
    expect(uuid.parse('0198C5F2-6B1E-7C43-9D0A-2F6F3A1B7E55')).toBe('0198c5f2-6b1e-7c43-9d0a-2f6f3a1b7e55');
  });

  it.each(['', 'acme', '0198c5f2', 7])('is not %p', (value) => {
    expect(accepts(uuid, value)).toBe(false);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-11-23T12:00:00Z', '2026-11-23T12:00:00.000Z'],
    ['2026-11-23T14:00:00+02:00', '2026-11-23T12:00:00.000Z'],
    ['2026-11-23T12:00:00.123456Z', '2026-11-23T12:00:00.123Z'],
  ])('%s is %s', (given, kept) => {
    expect(instant.parse(given)).toBe(kept);
  });

  it.each(
    [
      ['0434-04-30T22:16:03Z', '1899-12-31T23:59:59Z', '1900-01-01T00:00:00+00:01', '3000-01-01T00:00:00Z'],
      ['2999-12-31T23:59:59-00:01', '9999-12-31T23:59:59-23:00', '0000-01-01T00:00:00+23:00'],
    ].flat(),
  )('F53: is not %p, which no consumer would take', (value) => {
    expect(accepts(instant, value)).toBe(false);
  });

  it.each(['2026-11-23', '2026-11-23T12:00:00', '2026-02-30T12:00:00Z', '2026-11-23T24:00:00Z', 'now', ''])(
    'is not %p',
    (value) => {
      expect(accepts(instant, value)).toBe(false);
    },
  );
});

describe('a local date', () => {
  it('is of the real calendar', () => {
    for (const value of ['2028-02-29', '2000-02-29', '2400-02-29', '1904-02-29', '1900-02-28', '2999-12-31'])
      expect(accepts(localDate, value)).toBe(true);
    for (const value of [
      '2026-02-29',
      '2026-13-01',
      '2026-1-1',
      '2026-01-01T00:00:00Z',
      '1899-12-31',
      '3000-01-01',
      '1900-02-29',
      '2100-02-29',
    ])
      expect(accepts(localDate, value)).toBe(false);
  });
});

describe('words and text', () => {
  it('a code is kebab-case and at most 64 long', () => {
    for (const value of ['board-result', 'a', 'x2', 'a'.repeat(64)]) expect(accepts(code, value)).toBe(true);
    for (const value of ['', 'Board', 'a_b', '-a', 'a--b', 'a'.repeat(65)]) expect(accepts(code, value)).toBe(false);
  });

  it('text is trimmed, not empty, one line, without what breaks logs and tables', () => {
    expect(text(7).parse('  äiti ')).toBe('äiti');
    for (const value of [
      '',
      '   ',
      'abcdef',
      '  abc ',
      'abc\n',
      'a\nb',
      'a\u0000',
      'a\u001b[2',
      '\ud800',
      '\u00a0\u2003',
    ])
      expect(accepts(text(5), value)).toBe(false);
  });

  it('prose may have lines', () => {
    expect(prose(9).parse('one\n\ttwo')).toBe('one\n\ttwo');
    for (const value of ['a\u0000', 'a\rb', '\udc00', ' \n\t']) expect(accepts(prose(5), value)).toBe(false);
  });
});

describe('a page', () => {
  it('has 50 items unless told otherwise, and 1 to 200', () => {
    expect(pageLimit.parse(undefined)).toBe(50);
    for (const value of [0, 201, 1.5, -1, NaN]) expect(accepts(pageLimit, value)).toBe(false);
  });
});

describe('parsing', () => {
  const schema = z.strictObject({ a: z.strictObject({ 'b/c': z.array(z.number()) }), d: z.string().optional() });

  it('points at every field that is wrong', () => {
    const attempt = () => parse(schema, { a: { 'b/c': [1, 'x'] }, d: 1 });
    expect(attempt).toThrow(refusal({ kind: 'invalid', code: 'invalid-request' }));
    expect(attempt).toThrow(
      refusal({
        violations: [expect.objectContaining({ pointer: '/a/b~1c/1' }), expect.objectContaining({ pointer: '/d' })],
      }),
    );
  });

  it('names unknown fields, cut at 64 characters', () => {
    expect(() => parse(schema, { a: { 'b/c': [] }, ['x'.repeat(100)]: 1 })).toThrow(
      refusal({
        code: 'unknown-property',
        violations: [expect.objectContaining({ pointer: `/${'x'.repeat(64)}` })],
      }),
    );
  });
});
