import * as published from '@oppi/contracts/coaching/v1/coaching_events';
import type { Recorded } from '@oppi/event-sourcing';
import type { Publication } from '@oppi/messaging';
import type { CheckInEvent } from '../../domain/check-in';
import type { ConcernEvent } from '../../domain/concern';
import type { LearnerEvent } from '../../domain/learner';

type StoredEvent = LearnerEvent | CheckInEvent | ConcernEvent;
type DataOf<T extends StoredEvent['type']> = Extract<StoredEvent, { type: T }>['data'];
type Published = { type: string; value: Uint8Array };
type Translations = { readonly [T in StoredEvent['type']]: ((data: DataOf<T>) => Published) | 'private' };

const as = (name: string, encoded: { finish(): Uint8Array }): Published => ({
  type: `coaching.v1.${name}`,
  value: encoded.finish(),
});

/**
 * What the world hears of each stored event; a new one does not compile before it is decided here. Fields are named one by
 * one: what is stored later is not published by accident. Who raised a concern stays here.
 */
const translations: Translations = {
  CoachAssigned: ({ personId, coachId, assignmentNo, effectiveOn }) =>
    as('CoachAssigned', published.CoachAssigned.encode({ personId, coachId, assignmentNo, effectiveOn })),
  CoachUnassigned: ({ personId, coachId, assignmentNo, effectiveOn }) =>
    as('CoachUnassigned', published.CoachUnassigned.encode({ personId, coachId, assignmentNo, effectiveOn })),
  LearnerErasureRequested: 'private',
  LearnerErased: 'private',
  CheckInRecorded: ({ checkInId, personId, effectiveOn }) =>
    as('CheckInHeld', published.CheckInHeld.encode({ checkInId, personId, effectiveOn })),
  CheckInSkipped: 'private',
  ConcernRaised: ({ concernId, personId, kind, goalId, ownerId, dueAt }) =>
    as('ConcernRaised', published.ConcernRaised.encode({ concernId, personId, kind, goalId, ownerId, dueAt })),
  ConcernSeenAgain: 'private',
  ConcernOwnerChanged: 'private',
  ConcernClosed: ({ concernId, personId, kind, outcome }) =>
    as('ConcernClosed', published.ConcernClosed.encode({ concernId, personId, kind, outcome })),
  ConcernsEntrusted: 'private',
  ConcernsSealed: 'private',
};

/** The published form of a stored event; nothing for a private one. Pure: the same event gives the same bytes for ever. */
export const publicationsOf = (event: Recorded): Publication[] => {
  const translate = translations[event.type as StoredEvent['type']] as ((data: object) => Published) | 'private';
  return translate === 'private' ? [] : [translate(event.data)];
};
