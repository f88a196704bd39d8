import * as published from '@oppi/contracts/time_allocation/v1/time_allocation_events';
import type { Recorded } from '@oppi/event-sourcing';
import type { Publication } from '@oppi/messaging';
import type { AllowanceEvent } from '../../domain/allowance';
import type { TimeLogEvent } from '../../domain/time-log';

type StoredEvent = AllowanceEvent | TimeLogEvent;
type DataOf<T extends StoredEvent['type']> = Extract<StoredEvent, { type: T }>['data'];
type Translations = { readonly [T in StoredEvent['type']]: ((data: DataOf<T>) => Uint8Array) | 'private' };

/** What the world hears of each stored event, fields named one by one; a new one does not compile before it is decided here. */
const translations: Translations = {
  TimeGranted: ({ personId, minutesPerWeek, effectiveOn }) =>
    published.TimeGranted.encode({ personId, minutesPerWeek, effectiveOn }).finish(),
  TimePlanned: 'private',
  TimePlanCorrected: 'private',
  TimeShortfallFound: ({ personId, goalId, neededMinutes, givenMinutes, promisedMinutes, dueOn, on }) =>
    published.TimeShortfallFound.encode({
      personId,
      goalId,
      neededMinutes,
      givenMinutes,
      promisedMinutes,
      dueOn,
      on,
    }).finish(),
  TimeShortfallEnded: ({ personId, goalId, on }) =>
    published.TimeShortfallEnded.encode({ personId, goalId, on }).finish(),
  TimeLogged: ({ personId, on, entryId, goalId, minutes }) =>
    published.TimeLogged.encode({ personId, on, entryId, goalId, minutes }).finish(),
  TimeCorrected: ({ personId, on, entryId, goalId, minutes }) =>
    published.TimeCorrected.encode({ personId, on, entryId, goalId, minutes }).finish(),
  TimeConfirmed: ({ personId, on, entryId, goalId }) =>
    published.TimeConfirmed.encode({ personId, on, entryId, goalId }).finish(),
  TimeRejected: ({ personId, on, entryId, goalId, reasonCode }) =>
    published.TimeRejected.encode({ personId, on, entryId, goalId, reasonCode }).finish(),
};

/** The published form of a stored event; nothing for a private one. Pure: the same event gives the same bytes for ever. */
export const publicationsOf = (event: Recorded): Publication[] => {
  const translate = translations[event.type as StoredEvent['type']] as ((data: object) => Uint8Array) | 'private';
  return translate === 'private' ? [] : [{ type: `time_allocation.v1.${event.type}`, value: translate(event.data) }];
};
