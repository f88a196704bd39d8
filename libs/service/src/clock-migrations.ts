import type { Migration } from '@oppi/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class CreateClockSetting1795300000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table clock_setting (
        only_row  boolean primary key check (only_row),
        offset_ms bigint  not null
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table clock_setting');
  }
}

/** The table of the settable clock. It stays empty where the clock cannot be set. */
export const clockMigrations: readonly Migration[] = [CreateClockSetting1795300000000];
