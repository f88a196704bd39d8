import type { Basis } from './question';

/** What a figure is of, in words. */
export const basisText = ({ on, knownAt, inboxPosition, ruleVersion, complete, parkedMessages }: Basis): string =>
  [
    on === undefined ? 'final' : `as of ${on}`,
    knownAt === undefined ? 'all that is recorded' : `as known at ${knownAt}`,
    `inbox position ${inboxPosition}`,
    `rules ${ruleVersion}`,
    complete ? 'complete' : `incomplete: ${parkedMessages.toString()} messages parked`,
  ].join(', ');
