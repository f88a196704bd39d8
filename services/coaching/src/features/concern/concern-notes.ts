import type { Text } from '@oppi/event-store';

export const notePlace = (concernId: string, part: 'note' | 'closing-note'): string => `concern-${concernId}/${part}`;

/** Notes lie under the learner's key, so that they go when the learner is erased. */
export const noteOn = (
  personId: string,
  concernId: string,
  part: 'note' | 'closing-note',
  text: string | undefined,
): Text[] =>
  text === undefined ? [] : [{ vault: 'content', subject: personId, place: notePlace(concernId, part), text }];
