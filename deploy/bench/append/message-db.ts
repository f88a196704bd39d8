import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BenchDatabase, BenchServer } from '../machine/server';
import { CALLERS, type Contender } from './contender';
import { eventOf, type Goals, goalsOf, metaOf } from './workload';

// The parts that its own install script runs, in its order, without the reports and the rights of another role.
const FILES = [
  'roles/message-store',
  'schema/message-store',
  'extensions/pgcrypto',
  'tables/messages',
  'types/message',
  'functions/message-store-version',
  'functions/hash-64',
  'functions/acquire-lock',
  'functions/category',
  'functions/is-category',
  'functions/id',
  'functions/cardinal-id',
  'functions/stream-version',
  'functions/write-message',
  'functions/get-stream-messages',
  'functions/get-category-messages',
  'functions/get-last-stream-message',
  'indexes/messages-id',
  'indexes/messages-stream',
  'indexes/messages-category',
];

const install = async ({ pool, name }: BenchDatabase): Promise<void> => {
  const folder = join(dirname(require.resolve('@eventide/message-db/package.json')), 'database');
  const session = await pool.connect();
  try {
    await session.query('create schema message_store');
    await session.query('set search_path to message_store, public');
    await session.query("set client_min_messages to 'warning'");
    await session.query(`alter database ${name} set search_path to message_store, public`);
    for (const file of FILES) await session.query(readFileSync(join(folder, `${file}.sql`), 'utf8'));
  } finally {
    session.release(true); // the next connections take the path of their database
  }
};

/**
 * message-db's own function, one call a command, at the version that is expected. It takes no key and loads nothing. Its
 * lock is per category, the part of a stream's name before the first hyphen: `categories` says over how many the streams
 * are spread.
 */
export const messageDb = async (server: BenchServer, categories: number): Promise<Contender> => {
  const database = await server.database('message_db');
  await install(database);
  const goals = goalsOf(CALLERS);
  return {
    name: categories === 1 ? 'message-db' : `message-db, ${String(categories)} categories`,
    call: (caller) => {
      const command = (goals[caller] as Goals).next();
      const category = categories === 1 ? 'goal' : `goal${String(caller % categories)}`;
      const { type, data } = eventOf(command);
      return database.pool.query({
        name: 'write',
        text: 'select write_message($1, $2, $3, $4, $5, $6)',
        values: [
          command.commandId,
          `${category}-${command.goalId}`,
          type,
          JSON.stringify(data),
          JSON.stringify(metaOf(command)),
          command.version - 2,
        ],
      });
    },
  };
};
