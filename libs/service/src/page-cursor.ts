import { createHash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '@oppi/event-sourcing';

/**
 * What was asked, the organisation first: a cursor fits the same question only. The mark is a checksum, not a signature;
 * it guards against mixing up lists, and each query still has to name its organisation itself.
 */
type Question = readonly unknown[];

const markOf = (key: string, question: Question): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([key, ...question]))
    .digest()
    .subarray(0, 12);

/** The cursor behind the row with this key. */
export const cursorOf = (key: string, question: Question): string =>
  Buffer.concat([markOf(key, question), Buffer.from(key)]).toString('base64url');

/** The key in a cursor. Throws `invalid` / `cursor-invalid` for one that was made for another question or is damaged. */
export const keyOf = (cursor: string, question: Question): string => {
  const bytes = Buffer.from(cursor, 'base64url');
  const key = bytes.subarray(12).toString();
  if (bytes.length < 13 || !timingSafeEqual(bytes.subarray(0, 12), markOf(key, question)))
    throw new DomainError(
      'invalid',
      'cursor-invalid',
      'This cursor was not made for this list. Begin again without one.',
    );
  return key;
};
