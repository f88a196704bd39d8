// Compares docs/permissions.md with what the services' committed OpenAPI documents say of roles; with --write it renews it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const root = join(import.meta.dirname, '..', '..');
const file = join(root, 'docs', 'permissions.md');

const ROLES = ['operations', 'coach', 'verifier', 'billing', 'sponsor', 'manager', 'learner', 'integration'];

const HEAD = `# Who may do what

Made from the operations themselves by \`npm run openapi\`, and compared in the checks; every cell is tried over REST and gRPC
by each service's \`access.e2e.spec.ts\`, those of coach and learner on an own and on another subject. A role without a mark
is refused as \`role-not-allowed\` (403, PERMISSION_DENIED). \`own\`: a learner reaches only what is about himself or herself, a
coach what is about the learners in the own care now, and what is about no one person. Everybody else's is \`not-found\` (404,
NOT_FOUND) or on no list, as if there were none.

Before the role's own rules comes the organisation: \`sponsor\`, \`manager\`, \`learner\` and \`integration\` name their own,
the provider's roles the clients that their token lists. Any other is \`not-found\` (404, NOT_FOUND), as if there were none.
Which texts a role sees within its organisation is said in each service's README. A bulk import (gRPC
stream \`Import\`) is a list of these operations, each by the role of its caller.
`;

const operationsOf = (document) =>
  Object.values(document.paths).flatMap((methods) =>
    Object.values(methods)
      .filter((operation) => operation['x-roles'])
      .map((operation) => ({
        name: operation.operationId,
        roles: operation['x-roles'],
        own: operation['x-own'] ?? [],
      })),
  );

const tableOf = (service) => {
  const document = JSON.parse(readFileSync(join(root, 'services', service, 'openapi.json'), 'utf8'));
  const markOf = ({ roles, own }, role) => (own.includes(role) ? 'own' : roles.includes(role) ? 'x' : '');
  const rows = operationsOf(document)
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((operation) => `| \`${operation.name}\` | ${ROLES.map((role) => markOf(operation, role)).join(' | ')} |`);
  const head = `| | ${ROLES.join(' | ')} |\n| --- | ${ROLES.map(() => ':-:').join(' | ')} |`;
  return `\n## ${service}\n\n${head}\n${rows.join('\n')}\n`;
};

const services = readdirSync(join(root, 'services')).filter((name) =>
  existsSync(join(root, 'services', name, 'openapi.json')),
);
const text = await format(HEAD + services.sort().map(tableOf).join(''), {
  ...(await resolveConfig(file)),
  parser: 'markdown',
});
if (process.argv.includes('--write')) writeFileSync(file, text);
const same = existsSync(file) && readFileSync(file, 'utf8') === text;
if (!same)
  console.error('docs/permissions.md is not what the operations say. See the change with: npm run openapi && git diff');
console.log(`${services.length} services, ${same ? 0 : 1} complaints`);
process.exitCode = same ? 0 : 1;
