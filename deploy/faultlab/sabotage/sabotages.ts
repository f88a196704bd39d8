import { SERVICES } from '../../local/layout';
import { ask, hasTable } from '../collect';
import type { Lab, Patch } from '../lab';

/** Something of the product that is switched off, the faults it guards against, and the checks that must notice. */
export type Sabotage = Readonly<{
  name: string;
  /** What is switched off, in words. */
  off: string;
  faults: readonly string[];
  mustBreak: readonly string[];
  patches?: readonly Patch[];
  tamper?: (lab: Lab) => Promise<void>;
}>;

const inEach = async (lab: Lab, table: string, work: (url: string) => Promise<unknown>): Promise<void> => {
  for (const service of SERVICES) {
    const url = lab.stack.databases[service];
    if (await hasTable(url, table)) await work(url);
  }
};

/** Every role's commits answer before they are durable. */
const commitLater = async (lab: Lab): Promise<void> => {
  for (const url of Object.values(lab.stack.databases)) {
    await ask(url, 'alter role current_user set synchronous_commit = off');
    // Only new sessions see it.
    await ask(
      url,
      'select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user and pid <> pg_backend_pid()',
    );
  }
};

const FORGET = `create function forget() returns trigger language plpgsql as $$ begin return null; end $$`;

const forgetCommands = (lab: Lab): Promise<void> =>
  inEach(lab, 'commands', async (url) => {
    await ask(url, FORGET);
    await ask(url, 'create trigger forget before insert on commands for each row execute function forget()');
  });

const LOCK = 'perform pg_advisory_xact_lock(7140002);';

const appendWithoutLock = (lab: Lab): Promise<void> =>
  inEach(lab, 'commands', async (url) => {
    const functions = await ask<{ text: string }>(
      url,
      `select pg_get_functiondef(oid) as text from pg_proc where proname = 'append_commands'`,
    );
    for (const { text } of functions) {
      if (!text.includes(LOCK)) throw new Error('The append lock is taken another way; the sabotage has to follow.');
      await ask(url, text.replace(LOCK, ''));
    }
    // Without a lock the primary key is what fails; a log without either shows what both are for.
    await ask(url, 'alter table events drop constraint events_pkey');
    // A pause between reading the head and writing behind it, or the race would be too rare for a short proof.
    await ask(
      url,
      `create function linger() returns trigger language plpgsql as
                    $$ begin perform pg_sleep(0.01); return null; end $$`,
    );
    await ask(url, 'create trigger linger after insert on events for each statement execute function linger()');
  });

const takeInTwice = (lab: Lab): Promise<void> => inEach(lab, 'inbox', (url) => ask(url, 'drop index inbox_once'));

const foldHalf = async (lab: Lab): Promise<void> => {
  const url = lab.stack.databases.reporting;
  await ask(
    url,
    `create function forget() returns trigger language plpgsql as
     $$ begin return case when new.goal_id::text < '8' then null else new end; end $$`,
  );
  await ask(url, 'create trigger forget before insert on goal_outcomes for each row execute function forget()');
};

const sql: readonly Sabotage[] = [
  {
    name: 'durability',
    off: 'commits wait for the disk (synchronous_commit)',
    faults: ['kill-postgres'],
    mustBreak: ['I1'],
    tamper: commitLater,
  },
  {
    name: 'idempotency',
    off: 'answered commands are remembered by their key',
    faults: ['cut', 'lose-commit-answers'],
    mustBreak: ['I1', 'I2'],
    tamper: forgetCommands,
  },
  {
    name: 'append-lock',
    off: 'one append at a time gives out positions (advisory lock, primary key)',
    faults: [],
    mustBreak: ['I4'],
    tamper: appendWithoutLock,
  },
  {
    name: 'projection',
    off: 'a read model takes every row',
    faults: [],
    mustBreak: ['I7', 'I10'],
    tamper: foldHalf,
  },
];

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
      { file: `${MESSAGING}/sorting.js`, find: 'if (!isNew) return false;', replace: '' },
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
    name: 'tenant-filter',
    off: 'a report reads the teams of its own organisation',
    faults: [],
    mustBreak: ['I11'],
    patches: [
      {
        file: 'services/reporting/src/figures/figure-reader.js',
        find: 'name from teams where organisation_id = $1',
        replace: 'name from teams where $1::uuid is not null',
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

export const SABOTAGES: readonly Sabotage[] = [...sql, ...patched];
