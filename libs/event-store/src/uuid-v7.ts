import { randomFillSync } from 'node:crypto';

const random = new Uint8Array(16 * 256);
let used = random.length;

/** A UUID that sorts by time (RFC 9562, version 7). Random bytes are drawn in bulk: one draw per id would dominate an append. */
export const uuidV7 = (milliseconds: number): string => {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  const bytes = Buffer.from(random.subarray(used, used + 16));
  used += 16;
  bytes.writeUIntBE(milliseconds, 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
