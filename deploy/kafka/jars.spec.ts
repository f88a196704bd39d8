import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../local/layout';
import { whatIsMissing } from './jars';

describe('what a machine lacks for a local Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oppi-java-'));

  /** A Java home whose Java says that it is of this version. */
  const javaOf = (version: string): string => {
    const home = join(folder, version);
    mkdirSync(join(home, 'bin'), { recursive: true });
    const script = `#!/bin/sh\necho 'openjdk version "${version}" 2025-04-15' >&2\n`;
    writeFileSync(join(home, 'bin', 'java'), script, { mode: 0o755 });
    return home;
  };

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['8', '1.8.0_402', 'Java 8 found'],
    ['11', '11.0.2', 'Java 11 found'],
    ['16', '16.0.1', 'Java 16 found'],
  ])('says that Java %s is too old', (_name, version, reason) => {
    expect(whatIsMissing(ROOT, { JAVA_HOME: javaOf(version) })).toContain(reason);
  });

  it('says what to install where there is no Java, and what else would do', () => {
    const missing = whatIsMissing(ROOT, { JAVA_HOME: join(folder, 'nowhere') });
    expect(missing).toMatch(/Java 17 or later.*none.*KAFKA_BROKERS/);
  });

  it('lacks nothing with Java 17 and the jars, and without them asks for Maven', () => {
    const env = { JAVA_HOME: javaOf('17.0.15'), PATH: folder };
    expect(whatIsMissing(ROOT, { ...env, OPPI_KAFKA_JARS: folder })).toBeUndefined();
    expect(whatIsMissing(ROOT, { ...env, OPPI_KAFKA_JARS: join(folder, 'none') })).toContain('Maven');
  });
});
