import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const LEAST_JAVA = 17;

type Environment = Readonly<Record<string, string | undefined>>;

/** The program of `JAVA_HOME`, or the one on the path. */
export const javaProgram = (name: 'java' | 'keytool', env: Environment = process.env): string => {
  const home = env['JAVA_HOME'];
  return home ? join(home, 'bin', name) : name;
};

const maven = process.platform === 'win32' ? 'mvn.cmd' : 'mvn';

/** What this machine lacks for a broker from Maven's jars, in a sentence; undefined when it lacks nothing. */
export const whatIsMissing = (root: string, env: Environment = process.env): string | undefined => {
  const { stderr } = spawnSync(javaProgram('java', env), ['-version'], { encoding: 'utf8', env });
  const version = Number(/version "(?:1\.)?(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
  if (version < LEAST_JAVA)
    return `Kafka needs Java ${LEAST_JAVA} or later (${version === 0 ? 'none' : `Java ${version}`} found), or KAFKA_BROKERS=host:port of a broker that runs already.`;
  if (existsSync(jarFolder(root, env)) || spawnSync(maven, ['-version'], { env }).status === 0) return undefined;
  return 'The jars of Kafka are fetched by Maven, which is not installed; or set KAFKA_BROKERS=host:port.';
};

const pomOf = (root: string): string => join(root, 'deploy', 'kafka', 'pom.xml');

/** `OPPI_KAFKA_JARS`, or a folder of the checkout that Git ignores; another pom is another folder. */
const jarFolder = (root: string, env: Environment): string => {
  const given = env['OPPI_KAFKA_JARS'];
  if (given) return given;
  const mark = createHash('sha256')
    .update(readFileSync(pomOf(root)))
    .digest('hex')
    .slice(0, 12);
  return join(root, '.local', 'kafka', `jars-${mark}`);
};

/** The folder with the broker's jars, which Maven fills the first time (44 MB). */
export const brokerJars = async (root: string): Promise<string> => {
  const folder = jarFolder(root, process.env);
  if (existsSync(folder)) return folder;
  mkdirSync(join(folder, '..'), { recursive: true });
  // Moved into place when complete: a download that broke off must not look like a broker.
  const filling = mkdtempSync(`${folder}.`);
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${filling}`];
  await run(maven, ['-q', '-B', '-f', pomOf(root), ...goal]);
  if (!existsSync(folder)) renameSync(filling, folder);
  return folder;
};

/** Runs a program to its end; a failure carries the last lines of what it said. */
export const run = (program: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-2_000));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program} failed (${code}): ${said}`))));
  });
