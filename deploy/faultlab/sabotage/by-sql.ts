import { SERVICES } from '../../local/layout';
import { ask, hasTable } from '../collect';
import type { Lab } from '../lab';
import type { Sabotage } from './sabotage';

/** As the owner of each schema that has the table: the role a service works as may not do such things. */
const inEach = async (lab: Lab, table: string, work: (url: string) => Promise<unknown>): Promise<void> => {
  for (const service of SERVICES) {
    const url = lab.ownerUrl(service);
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

export const forgetCommands = (lab: Lab): Promise<void> =>
  inEach(lab, 'commands', async (url) => {
    await ask(url, FORGET);
    await ask(url, 'create trigger forget before insert on commands for each row execute function forget()');
  });

const LOCK = 'perform pg_advisory_xact_lock(7140002);';

const appendWithoutLock = (lab: Lab): Promise<void> =>
  inEach(lab, 'commands', async (url) => {
    const functions = await ask<{ text: string }>(
      url,
      `select pg_get_functiondef(oid) as text from pg_proc where proname in ('append_new', 'append_commands')`,
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

export const takeInTwice = (lab: Lab): Promise<void> =>
  inEach(lab, 'inbox', (url) => ask(url, 'drop index inbox_once'));

const foldHalf = async (lab: Lab): Promise<void> => {
  const url = lab.ownerUrl('reporting');
  await ask(
    url,
    `create function forget() returns trigger language plpgsql as
     $$ begin return case when new.goal_id::text < '8' then null else new end; end $$`,
  );
  await ask(url, 'create trigger forget before insert on goal_outcomes for each row execute function forget()');
};

export const bySql: readonly Sabotage[] = [
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
