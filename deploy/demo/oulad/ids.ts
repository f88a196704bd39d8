import { createHash } from 'node:crypto';

/** Hex SHA-256 of a text. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** UUID version 5 (RFC 9562): the same name in the same namespace gives the same id, on every machine and every run. */
export const nameBasedUuid = (namespace: string, name: string): string => {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6); // version 5
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8); // RFC variant
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

// Made once for this import; another one would load the same people as other people.
const namespace = 'b1f2f3a6-6f6e-4c55-9d0e-0a1d7c1f5b7e';

/** Ids of everything in one client organisation. The organisation is its data set: other files, other organisation. */
export class Ids {
  readonly organisation: string;

  constructor(readonly fingerprint: string) {
    this.organisation = nameBasedUuid(namespace, `organisation/${fingerprint}`);
  }

  /** Id of a team by the key of a module (`AAA`) or of a presentation (`AAA/2013J`). */
  team(key: string): string {
    return nameBasedUuid(this.organisation, `team/${key}`);
  }

  person(student: string): string {
    return nameBasedUuid(this.organisation, `person/${student}`);
  }

  /** Id of the goal of a registration by its key (`AAA/2013J/11391`). */
  goal(registration: string): string {
    return nameBasedUuid(this.organisation, `goal/${registration}`);
  }

  /** Id of the provider's promise for a presentation by its key. */
  commitment(presentation: string): string {
    return nameBasedUuid(this.organisation, `commitment/${presentation}`);
  }

  /** Id of the time of a registration on one day of its presentation. */
  timeEntry(registration: string, day: number): string {
    return nameBasedUuid(this.organisation, `time/${registration}/${day}`);
  }

  /** Id of the one evidence of that goal, the board's result. */
  boardResult(registration: string): string {
    return nameBasedUuid(this.organisation, `board-result/${registration}`);
  }
}
