import { inTransaction } from '@oppi/database';
import { randomUUID } from 'node:crypto';
import { DataSource, EntitySchema } from 'typeorm';
import type { BenchServer } from '../machine/server';
import { CALLERS, CONNECTIONS, type Contender } from './contender';
import { REFERENCE_TABLE } from './pgbench';
import { type Command, EVENT_TIME, eventOf, type Goals, goalsOf, metaOf } from './workload';

const INSERT = `insert into reference (organisation_id, stream_id, version, event_id, type, data, command_id, meta, occurred_at, recorded_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

const valuesOf = (command: Command): unknown[] => {
  const { organisationId, goalId, version, commandId } = command;
  const { type, data } = eventOf(command);
  const what = [type, JSON.stringify(data), commandId, JSON.stringify(metaOf(command))];
  return [organisationId, `goal-${goalId}`, version, randomUUID(), ...what, EVENT_TIME, EVENT_TIME];
};

/** The plain way: a transaction per command. Only the event, without a key and without loading anything. */
export const plainTransactions = async (server: BenchServer): Promise<Contender> => {
  const { pool } = await server.database('plain');
  await pool.query(REFERENCE_TABLE);
  const goals = goalsOf(CALLERS);
  return {
    name: 'pg: begin, insert, commit',
    call: (caller) =>
      inTransaction(pool, (session) =>
        session.query({ name: 'plain', text: INSERT, values: valuesOf((goals[caller] as Goals).next()) }),
      ),
  };
};

type Row = {
  position?: string;
  organisationId: string;
  streamId: string;
  version: number;
  eventId: string;
  type: string;
  data: object;
  commandId: string;
  meta: object;
  occurredAt: string;
  recordedAt: string;
};

const events = new EntitySchema<Row>({
  name: 'reference',
  columns: {
    position: { type: 'bigint', primary: true, generated: 'increment' },
    organisationId: { type: 'uuid', name: 'organisation_id' },
    streamId: { type: 'text', name: 'stream_id' },
    version: { type: 'integer' },
    eventId: { type: 'uuid', name: 'event_id' },
    type: { type: 'text' },
    data: { type: 'jsonb' },
    commandId: { type: 'text', name: 'command_id' },
    meta: { type: 'jsonb' },
    occurredAt: { type: 'timestamptz', name: 'occurred_at' },
    recordedAt: { type: 'timestamptz', name: 'recorded_at' },
  },
});

/** TypeORM's `save` of a new entity. `close` ends its pool. */
export const typeOrmSave = async (server: BenchServer): Promise<Contender & { close: () => Promise<void> }> => {
  const { url, pool } = await server.database('typeorm');
  await pool.query(REFERENCE_TABLE);
  const source = await new DataSource({
    type: 'postgres',
    url,
    entities: [events],
    extra: { max: CONNECTIONS, connectionTimeoutMillis: 60_000 },
  }).initialize();
  const repository = source.getRepository(events);
  const goals = goalsOf(CALLERS);
  return {
    name: 'TypeORM: save',
    call: (caller) => {
      const command = (goals[caller] as Goals).next();
      const { organisationId, goalId, version, commandId } = command;
      return repository.save({
        ...{ organisationId, streamId: `goal-${goalId}`, version, eventId: randomUUID(), commandId },
        ...eventOf(command),
        ...{ meta: metaOf(command), occurredAt: EVENT_TIME, recordedAt: EVENT_TIME },
      });
    },
    close: () => source.destroy(),
  };
};
