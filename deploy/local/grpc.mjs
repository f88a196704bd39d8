// `npm run -s grpc -- <package.Service/Method> '<json>'`: one call to the running product, the answer as JSON.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { credentials, makeGenericClientConstructor, Metadata, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { endpoints, mintToken, root, runTool } from './running.mjs';

const USAGE = `npm run -s grpc -- goal.v1.GoalService/GetGoal '{"organisationId":"…"}' [--role operations] [--organisation <uuid>]`;
const DEADLINE_MS = 60_000;

const protosOf = (service) =>
  readdirSync(join(root, 'proto', ...service.split('.').slice(0, -1))).map((name) =>
    join(...service.split('.').slice(0, -1), name),
  );

const clientOf = (service, address) => {
  const includeDirs = [join(root, 'proto')];
  const options = { includeDirs, longs: String, enums: String, defaults: true, arrays: true, oneofs: true };
  const definition = loadSync(protosOf(service), options)[service];
  if (!definition) throw new Error(`proto/ has no service ${service}.`);
  const Client = makeGenericClientConstructor(definition, service);
  return { client: new Client(address, credentials.createInsecure()), methods: Object.values(definition) };
};

const call = (client, method, request, metadata) =>
  new Promise((resolve, reject) => {
    client[method](request, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, answer) =>
      error ? reject(new Error(`${status[error.code]}: ${error.details}`)) : resolve(answer),
    );
  });

await runTool(async () => {
  const options = {
    role: { type: 'string', default: 'operations' },
    organisation: { type: 'string' },
    sub: { type: 'string' },
  };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [path = '', json = '{}'] = positionals;
  const [service = '', method = ''] = path.split('/');
  const running = endpoints();
  const address = running.grpc[service.split('.')[0].replaceAll('_', '-')];
  if (!address || !method) throw new Error(`Which call? ${USAGE}`);
  const { client, methods } = clientOf(service, address);
  const known = methods.filter(({ requestStream, responseStream }) => !requestStream && !responseStream);
  if (!known.some(({ path: name }) => name.endsWith(`/${method}`)))
    throw new Error(
      `${service} has no plain call ${method}. It has: ${known.map(({ path: name }) => name.split('/').pop()).join(', ')}`,
    );
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${await mintToken(running, values)}`);
  console.log(JSON.stringify(await call(client, method, JSON.parse(json), metadata), null, 2));
  client.close();
});
