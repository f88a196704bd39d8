// Compares each service's committed openapi.json with what its code says now; with --write it renews the file.
// A service offers its document by `src/openapi.ts`, a program that prints it as JSON. Needs a build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const root = join(import.meta.dirname, '..', '..');
const write = process.argv.includes('--write');

const documentOf = async (service, committed) => {
  const program = join(root, 'dist', 'services', service, 'src', 'openapi.js');
  const { status, stdout } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0)
    throw new Error(`${service}: the program that prints the document failed (services/${service}/src/openapi.ts).`);
  return format(stdout, { ...(await resolveConfig(committed)), parser: 'json' });
};

/** What is wrong with the service's document, or nothing. */
const check = async (service) => {
  const committed = join(root, 'services', service, 'openapi.json');
  const document = await documentOf(service, committed);
  if (write) writeFileSync(committed, document);
  if (existsSync(committed) && readFileSync(committed, 'utf8') === document) return [];
  return [
    `${service}: services/${service}/openapi.json is not what the code says. See the change with: npm run openapi && git diff`,
  ];
};

const services = readdirSync(join(root, 'services')).filter((name) =>
  existsSync(join(root, 'services', name, 'src', 'main.ts')),
);
const complaints = (
  await Promise.all(services.map((service) => check(service).catch((error) => [error.message])))
).flat();
for (const complaint of complaints) console.error(complaint);
console.log(`${services.length} services, ${complaints.length} complaints`);
process.exitCode = complaints.length > 0 ? 1 : 0;
