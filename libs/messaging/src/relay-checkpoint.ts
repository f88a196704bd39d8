import type { Database } from '@oppi/database';
import { Lease } from './lease';

/** Where a service has got to on the log that it published to last, whichever that was. */
export const lastPosition = async (database: Database, source: string): Promise<bigint> => {
  const { rows } = await database.query<{ position: string }>(
    'select position from relay_checkpoints where source = $1 order by updated_at desc limit 1',
    [source],
  );
  return BigInt(rows[0]?.position ?? 0);
};

/** Where one service has got to in publishing to one log, and the lease of whoever may move it. */
export class RelayCheckpoint {
  private readonly lease: Lease;

  constructor(
    private readonly row: Readonly<{ database: Database; source: string; bus: string }>,
    leaseMs: number,
    onError: (error: Error) => void,
  ) {
    const { database, source, bus } = row;
    this.lease = new Lease({
      database,
      table: 'relay_checkpoints',
      key: { source, bus },
      durationMs: leaseMs,
      onError,
    });
  }

  take(): Promise<boolean> {
    return this.lease.take();
  }

  release(): Promise<void> {
    return this.lease.release();
  }

  get isHeld(): boolean {
    return this.lease.isHeld;
  }

  async position(): Promise<bigint> {
    const { database, source, bus } = this.row;
    const { rows } = await database.query<{ position: string }>(
      'select position from relay_checkpoints where source = $1 and bus = $2',
      [source, bus],
    );
    return BigInt(rows[0]?.position ?? 0);
  }

  /** Moves the checkpoint, or says that another leader did: the epoch is no longer ours, or the position was moved. */
  async move(from: bigint, to: bigint): Promise<boolean> {
    const { epoch } = this.lease;
    if (epoch === undefined) return false;
    const { database, source, bus } = this.row;
    const { rowCount } = await database.query({
      name: 'relay-move',
      text: `update relay_checkpoints set position = $5, updated_at = now()
             where source = $1 and bus = $2 and epoch = $3 and position = $4`,
      values: [source, bus, epoch.toString(), from.toString(), to.toString()],
    });
    return rowCount === 1;
  }
}
