import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { ServiceName } from '../local/layout';
import type { InboxFacts, StoreFacts, StoredCommand, StoredEvent, Told } from './facts';

/** Asks a database one thing. */
export const ask = async <T extends object>(url: string, text: string, values: unknown[] = []): Promise<T[]> => {
  const client = new Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(text, values)).rows;
  } finally {
    await client.end();
  }
};

export const hasTable = async (url: string, table: string): Promise<boolean> => {
  const [row] = await ask<{ found: boolean }>(url, 'select to_regclass($1) is not null as found', [table]);
  return row?.found === true;
};

type EventRow = Omit<StoredEvent, 'position'> & { position: string };
type CommandRow = Omit<StoredCommand, 'position'> & { position: string };

/** A service's own log; undefined for one that keeps none. */
export const storeOf = async (service: ServiceName, url: string, bus: string): Promise<StoreFacts | undefined> => {
  if (!(await hasTable(url, 'events'))) return undefined;
  const events = await ask<EventRow>(
    url,
    `select position, organisation_id as "organisationId", stream_id as "streamId", version, event_id as "eventId", type,
            command_id as "commandId", data
     from events order by position`,
  );
  const commands = await ask<CommandRow>(
    url,
    'select organisation_id as "organisationId", command_id as "commandId", version, position from commands',
  );
  const [relay] = await ask<{ position: string }>(url, 'select position from relay_checkpoints where bus = $1', [bus]);
  return {
    service,
    events: events.map((row) => ({ ...row, position: BigInt(row.position) })),
    commands: commands.map((row) => ({ ...row, position: BigInt(row.position) })),
    relayed: BigInt(relay?.position ?? 0),
  };
};

type InboxRow = Omit<Told, 'place' | 'position'> & { place: string; position: string };

/** What a service has heard; undefined for one that does not listen. */
export const inboxOf = async (service: ServiceName, url: string): Promise<InboxFacts | undefined> => {
  if (!(await hasTable(url, 'inbox'))) return undefined;
  const messages = await ask<InboxRow>(
    url,
    `select position as place, organisation_id as "organisationId", source, source_position as position,
            source_index as index, event_id as "eventId", type, subject, stream_version as "streamVersion"
     from inbox order by inbox.position`, // not by the column that is called so in the answer
  );
  const parked = await ask<InboxFacts['parked'][number]>(
    url,
    'select organisation_id as "organisationId", subject, reason from parked_messages order by id',
  );
  return {
    service,
    messages: messages.map((row) => ({ ...row, place: BigInt(row.place), position: BigInt(row.position) })),
    parked,
  };
};

const TABLES = `select quote_ident(table_name) as name from information_schema.tables
                where table_schema = 'public' and table_type = 'BASE TABLE'`;

/** Where one of the texts stands in the clear: tables of the databases, and logs. Names the place, not the text. */
export const plaintextIn = async (
  databases: Readonly<Record<string, string>>,
  logs: string,
  secrets: readonly string[],
): Promise<string[]> => {
  const found: string[] = [];
  const patterns = secrets.flatMap((secret) => [`%${secret}%`, `%${Buffer.from(secret).toString('hex')}%`]);
  for (const [database, url] of Object.entries(databases)) {
    for (const { name } of await ask<{ name: string }>(url, TABLES)) {
      const rows = await ask(url, `select from ${name} t where t::text ilike any ($1) limit 1`, [patterns]);
      if (rows.length > 0) found.push(`${database}.${name}`);
    }
  }
  for (const file of readdirSync(logs)) {
    const text = readFileSync(join(logs, file), 'utf8');
    if (secrets.some((secret) => text.includes(secret))) found.push(file);
  }
  return found;
};
