import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A message that cannot be read is parked once, however often a publisher repeats it. Rows from before have no digest; so
 * one of them may be parked a second time, which taking it in later forgives.
 */
export class ParkOnce1795400450000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('alter table parked_messages add column digest bytea');
    await db.query('create unique index parked_messages_once on parked_messages (organisation_id, digest)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table parked_messages drop column digest');
  }
}
