import type { LocalPostgres } from '@oppi/local-postgres';

// Set-up and teardown are loaded as modules apart; the global object is all they share.
const shared = globalThis as { oppiTestServer?: LocalPostgres };

export const keepForTeardown = (server: LocalPostgres): void => {
  shared.oppiTestServer = server;
};

export const keptServer = (): LocalPostgres | undefined => shared.oppiTestServer;
