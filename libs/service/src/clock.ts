import { DomainError, type Clock } from '@oppi/event-sourcing';
import type { Database } from '@oppi/database';

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

/** A clock that may be set forward, for local runs and tests. It goes on from there, also after a restart. */
export class SettableClock extends SystemClock {
  private constructor(
    private readonly database: Database,
    private offsetMs: number,
  ) {
    super();
  }

  /** Needs the table of `clockMigrations`. */
  static async open(database: Database): Promise<SettableClock> {
    const { rows } = await database.query<{ offset_ms: string }>('select offset_ms from clock_setting');
    return new SettableClock(database, Number(rows[0]?.offset_ms ?? 0));
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

/** The clock for an environment: settable in `local` and `test`, the machine's elsewhere. */
export const openClock = async (appEnv: string, database: Database): Promise<Clock> =>
  appEnv === 'local' || appEnv === 'test' ? SettableClock.open(database) : new SystemClock();
