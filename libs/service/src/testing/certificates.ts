import 'reflect-metadata'; // @peculiar/x509 is wired by it
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR_MS = 3_600_000;

const keyPair = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const pemOfKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

/** An authority of certificates for this machine, made for one test; its files lie in a folder that `remove` takes away. */
export const testAuthority = async () => {
  x509.cryptoProvider.set(webcrypto as never);
  const folder = mkdtempSync(join(tmpdir(), 'oppi-tls-'));
  const file = (name: string, pem: string): string => {
    writeFileSync(join(folder, name), pem, { mode: 0o600 });
    return join(folder, name);
  };
  const valid = { notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + HOUR_MS) };
  const own = await keyPair();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=authority of a test',
    keys: own as never,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
    ...valid,
  });
  const ca = file('ca.pem', root.toString('pem'));
  return {
    ca,
    /** The settings of a service, or of a client, by a certificate of this authority. */
    settingsFor: async (name: string, dates = valid) => {
      const keys = await keyPair();
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: root.subject,
        signingKey: own.privateKey as never,
        publicKey: keys.publicKey as never,
        signingAlgorithm: ALGORITHM,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
        ...dates,
      });
      return {
        GRPC_TLS_CERT: file(`${name}.pem`, certificate.toString('pem')),
        GRPC_TLS_KEY: file(`${name}.key`, await pemOfKey(keys.privateKey)),
        GRPC_TLS_CA: ca,
      };
    },
    /** A file that holds nothing of use. */
    nonsense: () => file('nonsense.pem', 'nonsense'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
