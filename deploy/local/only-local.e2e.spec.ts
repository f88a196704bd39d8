import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { freePort, isPortFree } from '@oppi/local-postgres';
import { portsFrom, ROOT, SERVICES } from './layout';

type Lock = Readonly<{ packages: Record<string, { version?: string; dev?: boolean }> }>;
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;

/** `debug` colours what it says where it finds these, and does without where it does not. */
const TAKEN_IF_THERE = ['node_modules/supports-color', 'node_modules/has-flag'];

const { PATH = '' } = process.env;

/** Starts a service as production would, but with the issuer of a developer's machine. Its last words are what it has loaded. */
const startInEarnest = async (service: string, APP_ENV: string) => {
  const [http, grpc] = [await freePort(), await freePort()];
  const main = join(ROOT, 'dist', 'services', service, 'src', 'main.js');
  const tell = `process.on('exit', () => console.log(JSON.stringify(Object.keys(require.cache)))); require(${JSON.stringify(main)});`;
  const env = {
    PATH,
    APP_ENV,
    HTTP_PORT: String(http),
    GRPC_PORT: String(grpc),
    GRPC_TLS: 'off',
    POSTGRES_URL: 'postgres://nobody@127.0.0.1:1/none',
    POSTGRES_OWNER_URL: 'postgres://nobody@127.0.0.1:1/none',
    BUS_URL: 'postgres://nobody@127.0.0.1:1/none',
    ROOT_KEY_FILE: '/nowhere',
    AUTH_ISSUER: 'http://127.0.0.1:7079',
    AUTH_JWKS_URL: 'http://127.0.0.1:7079/jwks',
    AUTH_AUDIENCE: 'oppi',
  };
  const ended = await promisify(execFile)(process.execPath, ['-e', tell], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  const ports = await Promise.all([http, grpc].map(isPortFree));
  return { ...ended, loaded: JSON.parse(ended.stdout) as string[], openedNone: ports.every(Boolean) };
};

describe.each(SERVICES)('%s where it counts', (service) => {
  it.each(['staging', 'production'])(
    'AUTH-04, DEV-03, DEV-05: does not start with the local issuer in %s: exit 78, and no port',
    async (appEnv) => {
      const { code, stderr, openedNone } = await startInEarnest(service, appEnv);
      expect([code, openedNone]).toEqual([78, true]);
      expect(stderr.trim().split('\n')).toEqual(
        ['AUTH_ISSUER', 'AUTH_JWKS_URL'].map(
          (name) => `configuration: ${name} has to be https and public unless APP_ENV is local or test`,
        ),
      );
    },
  );

  it('DEV-04: is made of nothing from a developer’s machine', async () => {
    const { loaded } = await startInEarnest(service, 'production');
    const parts = loaded.map((file) => relative(ROOT, file).split(sep));
    const packages = parts
      .filter(([folder]) => folder === 'node_modules')
      .map(([, first = '', second = '']) => `node_modules/${first.startsWith('@') ? `${first}/${second}` : first}`);
    expect(new Set(parts.filter(([folder]) => folder === 'dist').map(([, folder]) => folder))).toEqual(
      new Set(['libs', 'services']),
    );
    expect(packages).toContain('node_modules/jose');
    const ours = packages.filter((name) => !TAKEN_IF_THERE.includes(name));
    expect(ours.filter((name) => lock.packages[name]?.dev)).toEqual([]);
  });
});

it('DEV-04: the list of what the product is made of names nothing that is for development alone', () => {
  const { stdout } = spawnSync('npm', ['run', '-s', 'sbom'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20 });
  const { components } = JSON.parse(stdout) as { components: { 'bom-ref': string }[] };
  const listed = new Set(components.map((component) => component['bom-ref']));
  const packages = Object.entries(lock.packages).map(([path, { version, dev }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return { ref: `${name}@${version ?? ''}`, dev: dev === true };
  });
  const needed = new Set(packages.filter(({ dev }) => !dev).map(({ ref }) => ref));
  const forDevelopment = packages.map(({ ref }) => ref).filter((ref) => !needed.has(ref));
  expect([...listed].filter((ref) => ref.startsWith('jose@'))).toHaveLength(1);
  expect(forDevelopment.filter((ref) => /^(jest|@peculiar\/x509)@/.test(ref))).toHaveLength(2);
  expect(forDevelopment.filter((ref) => listed.has(ref))).toEqual([]);
});

describe.each(['test', 'staging', 'production'])('npm start with APP_ENV=%s', (APP_ENV) => {
  it('DEV-02: ends with 78 and a word, before it has opened a port or made a folder', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'oppi-start-')), 'local');
    const base = String(await freePort());
    const { status, stderr, stdout } = spawnSync(process.execPath, [join(ROOT, 'deploy/local/start.mjs'), '--empty'], {
      env: { PATH, APP_ENV, OPPI_LOCAL: folder, OPPI_PORT_BASE: base },
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([78, '']);
    expect(stderr).toContain('APP_ENV');
    expect(existsSync(folder)).toBe(false);
    expect(await isPortFree(portsFrom(base).issuer)).toBe(true);
    rmSync(join(folder, '..'), { recursive: true });
  });
});
