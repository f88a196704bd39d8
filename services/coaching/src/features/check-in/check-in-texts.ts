import type { Text } from '@oppi/event-store';
import type { Dials } from '../../domain/check-in';
import { DIALS } from '../../domain/check-in';

export type CheckInTexts = Dials & { text?: string | undefined };

/** What the places of a check-in begin with. */
export const textsBelow = (checkInId: string): string => `check-in-${checkInId}/`;

const placeOf = (checkInId: string, part: string): string => `${textsBelow(checkInId)}${part}`;

/** The answers as they lie in the content vault, under the learner's own key. */
export const textsOf = (personId: string, checkInId: string, said: CheckInTexts): Text[] =>
  [...DIALS, 'text' as const].flatMap((part): Text[] => {
    const value = said[part];
    if (value === undefined) return [];
    return [{ vault: 'content', subject: personId, place: placeOf(checkInId, part), text: String(value) }];
  });

/** The same, read back; nothing of one that was skipped or erased. */
export const saidIn = (texts: ReadonlyMap<string, string>, checkInId: string): CheckInTexts => {
  const text = texts.get(placeOf(checkInId, 'text'));
  const dials = DIALS.flatMap((dial) => {
    const answer = texts.get(placeOf(checkInId, dial));
    return answer === undefined ? [] : [[dial, Number(answer)]];
  });
  return { ...(Object.fromEntries(dials) as Dials), ...(text !== undefined && { text }) };
};
