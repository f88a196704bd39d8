/** A table to read: the first column to the left, the others, numbers, to the right. The first row is the head. */
export const tableText = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
};

/** Basis points as a percentage with two decimals. */
export const percentText = (basisPoints: number): string =>
  `${Math.floor(basisPoints / 100)}.${(basisPoints % 100).toString().padStart(2, '0')} %`;

/** To the minute, in UTC. */
export const minuteText = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)}`;

/** `goal.v1.EvidenceAccepted` as words: `Evidence accepted`. */
const eventWords = (type: string): string =>
  (type.split('.').at(-1) ?? type).replace(/(?<!^)([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

type Happened = Readonly<{
  type: string;
  actorId: string;
  actorRole: string;
  occurredAt: string;
  recordedAt: string;
  eventId: string;
}>;

/** An event as a line: what, when it was true, by whom, and when we learnt it. */
export const eventText = ({ type, actorId, actorRole, occurredAt, recordedAt, eventId }: Happened): string =>
  `${minuteText(occurredAt)}  ${eventWords(type).padEnd(22)}  by ${actorRole} ${actorId}  (recorded ${minuteText(recordedAt)}, event ${eventId})`;
