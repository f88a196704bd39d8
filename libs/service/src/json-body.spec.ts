import { parseJsonBody as parseBytes } from './json-body';

// Jest's matchers are untyped; an error with these fields is meant.
const refusal = (fields: object): Error => expect.objectContaining(fields) as Error;

const parseJsonBody = (text: string) => parseBytes(Buffer.from(text));

const objects = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);

describe('a body', () => {
  it('is a JSON object, or nothing', () => {
    expect(parseJsonBody('{"a":[1]}')).toEqual({ a: [1] });
    expect(parseJsonBody(' ')).toEqual({});
  });

  it.each(['[]', '1', 'null', '"x"', '{', '{"a":01}', "{'a':1}"])('is not %s', (text) => {
    expect(() => parseJsonBody(text)).toThrow(refusal({ code: 'body-malformed' }));
  });

  it.each([
    ['a byte that begins nothing', [0xff]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character that breaks off', [0xe6, 0xbc]],
  ])('F84: is UTF-8, not %s', (_, bytes) => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(() => parseBytes(body)).toThrow(refusal({ code: 'body-malformed' }));
  });

  it('is at most 32 levels deep', () => {
    expect(() => parseJsonBody(objects(32))).not.toThrow();
    expect(() => parseJsonBody(objects(33))).toThrow(refusal({ code: 'body-too-deep' }));
  });

  it('may hold brackets and quotes in text', () => {
    const value = { a: '['.repeat(100), b: `"${'{'.repeat(100)}`, c: '\\' };
    expect(parseJsonBody(JSON.stringify(value))).toEqual(value);
  });
});
