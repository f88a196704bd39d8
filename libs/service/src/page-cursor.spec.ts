import { cursorOf, keyOf } from './page-cursor';

const QUESTION = ['organisation-1', 'open', null];
const refused = expect.objectContaining({ kind: 'invalid', code: 'cursor-invalid' }) as Error;

describe('a cursor', () => {
  it('gives back the key it was made of, for the same question', () => {
    expect(keyOf(cursorOf('goal-ä-7', QUESTION), QUESTION)).toBe('goal-ä-7');
  });

  it.each([
    ['of another organisation', ['organisation-2', 'open', null]],
    ['with another filter', ['organisation-1', null, null]],
    ['with the filter in another place', ['organisation-1', null, 'open']],
  ])('TEN-10: fits no question %s', (_, other) => {
    expect(() => keyOf(cursorOf('goal-7', QUESTION), other)).toThrow(refused);
  });

  it.each(['', 'x', 'not a cursor', 'A'.repeat(16), `${cursorOf('goal-7', QUESTION)}AAAA`])('is not %p', (cursor) => {
    expect(() => keyOf(cursor, QUESTION)).toThrow(refused);
  });
});
