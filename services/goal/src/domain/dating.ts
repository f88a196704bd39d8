import { type CommandContext, DomainError, localDateOf } from '@oppi/event-sourcing';

/** The local date from which a command's fact holds; undefined for history whose date nobody knows. */
export const effectiveOn = (context: CommandContext, timeZone: string, dateUnknown = false): string | undefined => {
  if (!dateUnknown) return localDateOf(context.occurredAt, timeZone);
  if (!context.imported)
    throw new DomainError('refused', 'date-unknown-only-in-history', 'Only imported history may lack its date.');
  return undefined;
};
