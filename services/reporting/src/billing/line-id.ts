import { createHash } from 'node:crypto';

/**
 * Id of the one charge of an attainment, or of its one reversal, made of what it is about (rule B1): the same attainment
 * gives the same id on every machine and every run. A UUID of version 8 (RFC 9562).
 */
export const lineIdOf = (
  kind: 'charge' | 'reversal',
  of: { organisationId: string; commitmentId: string; goalId: string; outcomeNo: number },
): string => {
  const name = [kind, of.organisationId, of.commitmentId, of.goalId, of.outcomeNo].join('/');
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};
