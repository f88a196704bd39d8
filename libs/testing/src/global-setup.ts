import { createTester, SERVER_URL, startTemporaryPostgres } from './run-server';
import { keepForTeardown } from './kept';

/** Jest calls it once per run: one real PostgreSQL for all integration tests. */
const setup = async (): Promise<void> => {
  const server = await startTemporaryPostgres();
  keepForTeardown(server);
  process.env[SERVER_URL] = await createTester(server);
};

export default setup;
