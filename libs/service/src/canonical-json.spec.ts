import fc from 'fast-check';
import { canonicalJson, fingerprintOf } from './canonical-json';

describe('canonical JSON', () => {
  it('does not depend on the order of fields, at any depth', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 'x' }], a: null })).toBe('{"a":null,"b":[{"c":"x","d":1}]}');
  });

  it('depends on the order of a list', () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  });

  it('takes an absent field and an undefined one as the same, and null as another', () => {
    expect(canonicalJson({ a: undefined })).toBe(canonicalJson({}));
    expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}));
  });

  it('is JSON of the same value, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('the fingerprint', () => {
  it('is 64 hex digits and differs by operation and by input', () => {
    const all = [fingerprintOf('A', { x: 1 }), fingerprintOf('B', { x: 1 }), fingerprintOf('A', { x: 2 })];
    expect(new Set(all).size).toBe(3);
    for (const one of all) expect(one).toMatch(/^[0-9a-f]{64}$/);
  });
});
