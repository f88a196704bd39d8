import { startPostgres } from '@oppi/local-postgres';
import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder';

it('holds all data of a PostgreSQL in a temporary folder, so that they go with it', async () => {
  const folder = temporaryFolder('folder');
  const server = await startPostgres({ dataFolder: join(folder, 'postgres') });
  try {
    expect(realpathSync(server.folder)).toBe(join(realpathSync(folder), 'postgres'));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
});
