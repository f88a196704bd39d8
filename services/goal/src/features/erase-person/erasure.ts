import type { CommandContext } from '@oppi/event-sourcing';
import { type Committed, type EventStore, streamOf, type Vault } from '@oppi/event-store';
import { confirmErasure, person, personStream, requestErasure } from '../../domain/person';

type Parts = Readonly<{ store: EventStore; vault: Pick<Vault, 'erase'> }>;

/** First step: from here on the person is in no new thing. */
export const askForErasure = ({ store }: Parts, context: CommandContext, personId: string): Promise<Committed> =>
  store.transact(context, { person: streamOf(person, personStream(personId)) }, (states) => ({
    person: requestErasure(states.person, personId),
  }));

/**
 * Destroys key and texts, and only then says so (rule I7): no state says "erased" while a key exists. May be repeated, by
 * whoever finds an erasure that was asked for.
 */
export const finishErasure = async (
  { store, vault }: Parts,
  context: CommandContext,
  personId: string,
): Promise<Committed> => {
  await vault.erase(context.organisationId, personId);
  return store.transact(context, { person: streamOf(person, personStream(personId)) }, (states) => ({
    person: confirmErasure(states.person, personId),
  }));
};
