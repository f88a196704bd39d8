// What the small command-line tools share: where the product runs, and a token for it.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const NOT_RUNNING = 'Oppi does not run. Start it with `npm start`.';

/** Content of endpoints.json of the running product. Throws, in words for the reader, when nothing runs. */
export const endpoints = () => {
  const file = join(process.env.OPPI_LOCAL ?? join(root, '.local'), 'endpoints.json');
  if (!existsSync(file)) throw new Error(NOT_RUNNING);
  return JSON.parse(readFileSync(file, 'utf8'));
};

/** A token from the running issuer. */
export const mintToken = async ({ issuer }, { role, organisation, sub }) => {
  const body = JSON.stringify({ role, organisationId: organisation, sub });
  const response = await fetch(`${issuer}/mint`, { method: 'POST', body }).catch(() => {
    throw new Error(NOT_RUNNING);
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error_description ?? answer.error);
  return answer.access_token;
};

/** Runs a tool; a failure is one line on standard error and exit code 1. */
export const runTool = async (work) => {
  try {
    await work();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
};
