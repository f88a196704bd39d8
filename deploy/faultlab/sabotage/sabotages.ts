import { bySql, takeInTwice } from './by-sql';
import type { Sabotage } from './sabotage';

const MESSAGING = 'libs/messaging/src';

const patched: readonly Sabotage[] = [
  {
    name: 'refusal',
    off: 'a refusal comes before anything is written',
    faults: [],
    mustBreak: ['I3'],
    patches: [
      {
        file: 'libs/event-store/src/event-store.js',
        find: 'this.appended += 1;',
        replace: `this.appended += 1;
          if (this.appended % 20 === 0) throw new _eventsourcing.DomainError('refused', 'goal-ended', 'Refused after all.');`,
      },
    ],
  },
  {
    name: 'inbox-order',
    off: 'a batch is taken in in its order',
    faults: ['kill-every-reporting'],
    mustBreak: ['I5'],
    patches: [
      {
        file: `${MESSAGING}/inbox-tables.js`,
        find: 'order by n\n    on conflict',
        replace: 'order by n desc\n    on conflict',
      },
    ],
  },
  {
    name: 'dedupe',
    off: 'readers drop what they have seen (marks, unique index, stored offset)',
    faults: ['reset-offsets', 'duplicates', 'reset-relay'],
    mustBreak: ['I6'],
    patches: [
      { file: `${MESSAGING}/sorting.js`, find: 'if (!this.isAbove(place)) return false;', replace: '' },
      {
        file: `${MESSAGING}/inbox-tables.js`,
        find: 'on conflict (organisation_id, subject, source_position, source_index, source) do nothing',
        replace: '',
      },
    ],
    tamper: takeInTwice,
  },
  {
    name: 'outbox',
    off: 'the relay publishes every event',
    faults: [],
    mustBreak: ['I8'],
    patches: [
      {
        file: `${MESSAGING}/relay.js`,
        find: 'await this.publish(messages);',
        replace: 'await this.publish(this.position % 7n === 0n ? messages.slice(1) : messages);',
      },
    ],
  },
  {
    name: 'reversal',
    off: 'what fell is taken back from the ledger',
    faults: [],
    mustBreak: ['I9', 'I10b'],
    patches: [
      {
        file: 'services/reporting/src/billing/due.js',
        find: 'reversals: await find(REVERSALS)',
        replace: 'reversals: []',
      },
    ],
  },
  {
    name: 'price',
    off: 'a charge is at the agreed price',
    faults: [],
    mustBreak: ['I10b'],
    patches: [
      {
        file: 'services/reporting/src/billing/decisions.js',
        find: 'amountMinor: Number(due.priceMinor)',
        replace: 'amountMinor: Number(due.priceMinor) + 1',
      },
    ],
  },
  {
    name: 'tenant-filter',
    off: 'a report reads the teams of its own organisation',
    faults: [],
    mustBreak: ['I11'],
    patches: [
      {
        file: 'services/reporting/src/figures/figure-reader.js',
        find: 'from teams where organisation_id = o.organisation_id',
        replace: 'from teams where o.organisation_id is not null',
      },
    ],
  },
  {
    name: 'encryption',
    off: 'personal texts are encrypted',
    faults: [],
    mustBreak: ['I11b'],
    patches: [
      {
        file: 'libs/event-store/src/vault.js',
        find: "seal(key, boundTo(organisationId, place), Buffer.from(text, 'utf8'))",
        replace: "Buffer.from(text, 'utf8')",
      },
    ],
  },
  {
    name: 'retry',
    off: 'the relay tries again after a failure',
    faults: ['kill-postgres'],
    mustBreak: ['I15'],
    patches: [
      {
        file: `${MESSAGING}/relay.js`,
        find: 'pause)(backoff.next(), this.stopping.signal)',
        replace: 'pause)(100000000, this.stopping.signal)',
      },
    ],
  },
  {
    name: 'lease-epoch',
    off: 'a lease has one holder, and what he writes bears its epoch',
    faults: [],
    mustBreak: ['I15'],
    patches: [
      {
        file: `${MESSAGING}/lease.js`,
        find: 'and (lease_until is null or lease_until < clock_timestamp() or owner = $2)',
        replace: '',
      },
      { file: `${MESSAGING}/lease.js`, find: 'where epoch = $2 and', replace: 'where $2::bigint is not null and' },
      {
        file: `${MESSAGING}/relay-checkpoint.js`,
        find: 'and epoch = $3 and position = $4',
        replace: 'and $3::bigint is not null and $4::bigint is not null',
      },
    ],
  },
  {
    name: 'release',
    off: 'who ends gives his lease back',
    faults: [],
    mustBreak: ['I15b'],
    patches: [
      {
        file: `${MESSAGING}/lease.js`,
        find: 'set lease_until = null where epoch = $1',
        replace: 'set lease_until = lease_until where epoch = $1',
      },
    ],
  },
  {
    name: 'error-table',
    off: 'a database that is away is known as such',
    faults: ['kill-postgres'],
    mustBreak: ['I16'],
    patches: [
      {
        file: 'libs/service/src/problem.js',
        find: 'return ofDependency(error) ?? INTERNAL;',
        replace: 'return INTERNAL;',
      },
    ],
  },
  {
    name: 'leak',
    off: 'a finished call leaves nothing behind',
    faults: [],
    mustBreak: ['I17'],
    patches: [
      {
        file: 'libs/service/src/dispatcher.js',
        find: 'requireRole(spec, caller);',
        replace: 'requireRole(spec, caller); (globalThis.kept ??= []).push(Buffer.alloc(3 * 1024 * 1024, 1));',
      },
    ],
  },
];

/** Every sabotage there is. */
export const SABOTAGES: readonly Sabotage[] = [...bySql, ...patched];
