import { DomainError, type Clock } from '@oppi/event-sourcing';
import type { Database } from '@oppi/database';
import { isDevelopment, type ServiceConfig } from './config';

/** The injection token of the service's clock: `@Inject(CLOCK) clock: Clock`. */
export const CLOCK = Symbol('clock');

/** The machine's time, except that it never falls: a step back by NTP must not put an event before its cause. */
export class SystemClock implements Clock {
  private latest = 0;

  now(): Date {
    this.latest = Math.max(this.latest, this.machineTime());
    return new Date(this.latest);
  }

  protected machineTime(): number {
    return Date.now();
  }
}

/** A clock that may be set forward, for local runs and tests. It goes on from there, also after a restart, and never back. */
export class SettableClock extends SystemClock {
  private constructor(
    private readonly database: Database,
    private offsetMs: number,
  ) {
    super();
  }

  /**
   * Needs the table of `clockMigrations`. On a database that has seen no clock it begins at `startsAt`, or at the machine's
   * time; from then on it goes on where it was, whatever `startsAt` says.
   */
  static async open(database: Database, startsAt?: string): Promise<SettableClock> {
    // Kept even when it is zero: a database that has been worked on must not be sent into the past by a later start.
    await database.query(
      'insert into clock_setting (only_row, offset_ms) values (true, $1) on conflict (only_row) do nothing',
      [startsAt === undefined ? 0 : Date.parse(startsAt) - Date.now()],
    );
    const { rows } = await database.query<{ offset_ms: string }>('select offset_ms from clock_setting');
    return new SettableClock(database, Number(rows[0]?.offset_ms));
  }

  /** Sets the time. Refuses one before now (`clock-backwards`): recorded time never falls. */
  async set(instant: string): Promise<void> {
    if (Date.parse(instant) < this.now().getTime())
      throw new DomainError('refused', 'clock-backwards', 'The clock can only be set forward.');
    const offsetMs = Math.max(Date.parse(instant) - Date.now(), this.offsetMs);
    await this.database.query(
      `insert into clock_setting (only_row, offset_ms) values (true, $1)
       on conflict (only_row) do update set offset_ms = greatest(clock_setting.offset_ms, excluded.offset_ms)`,
      [offsetMs],
    );
    this.offsetMs = Math.max(this.offsetMs, offsetMs);
  }

  protected override machineTime(): number {
    return Date.now() + this.offsetMs;
  }
}

type ClockConfig = Pick<ServiceConfig, 'APP_ENV' | 'CLOCK_STARTS_AT'>;

/** The clock for an environment: settable in `local` and `test`, the machine's elsewhere. */
export const openClock = async (config: ClockConfig, database: Database): Promise<Clock> =>
  isDevelopment(config.APP_ENV) ? SettableClock.open(database, config.CLOCK_STARTS_AT) : new SystemClock();
