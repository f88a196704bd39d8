import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../local/layout';
import { findKafka } from './find-kafka';

describe('where a local run has its Kafka from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oppi-find-'));
  const withJava = { JAVA_HOME: folder, OPPI_KAFKA_JARS: folder };
  const withNothing = { JAVA_HOME: join(folder, 'nowhere') };
  const find = (env: Readonly<Record<string, string>>, engine: boolean) =>
    findKafka({ root: ROOT, env, hasEngine: () => Promise.resolve(engine) });

  beforeAll(() => {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'java'), `#!/bin/sh\necho 'openjdk version "21.0.1"' >&2\n`, { mode: 0o755 });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is the cluster that the environment names, whatever else there is', async () => {
    const named = { ...withJava, KAFKA_BROKERS: 'one:9092,two:9092' };
    expect(await find(named, true)).toEqual({ from: 'environment', url: 'kafka://one:9092,two:9092' });
  });

  it('is else a Docker engine, else the jars', async () => {
    expect(await find(withJava, true)).toEqual({ from: 'engine' });
    expect(await find(withJava, false)).toEqual({ from: 'jars' });
  });

  it('is with none of them a message that says what would do', async () => {
    await expect(find(withNothing, false)).rejects.toThrow(/no Docker engine.*Java 17 or later.*KAFKA_BROKERS/);
  });
});
