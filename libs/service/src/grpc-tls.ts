import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, credentials, ServerCredentials } from '@grpc/grpc-js';
import { EXIT_CONFIG, type ServiceConfig } from './config';

type TlsConfig = Pick<ServiceConfig, 'GRPC_TLS_CERT' | 'GRPC_TLS_KEY' | 'GRPC_TLS_CA'>;
type Pem = Readonly<{ cert: Buffer; key: Buffer; ca: Buffer }>;

/** Files that are no use; ends the process as any other wrong setting does. */
class TlsFilesError extends Error {
  readonly exitCode = EXIT_CONFIG;
}

const read = (name: string, file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch {
    throw new TlsFilesError(`configuration: ${name} cannot be read`);
  }
};

const pemOf = ({ GRPC_TLS_CERT, GRPC_TLS_KEY, GRPC_TLS_CA }: TlsConfig): Pem | undefined => {
  if (GRPC_TLS_CERT === undefined || GRPC_TLS_KEY === undefined || GRPC_TLS_CA === undefined) return undefined;
  const pem = {
    cert: read('GRPC_TLS_CERT', GRPC_TLS_CERT),
    key: read('GRPC_TLS_KEY', GRPC_TLS_KEY),
    ca: read('GRPC_TLS_CA', GRPC_TLS_CA),
  };
  try {
    createSecureContext(pem);
  } catch {
    throw new TlsFilesError('configuration: GRPC_TLS_CERT, GRPC_TLS_KEY and GRPC_TLS_CA do not belong together');
  }
  return pem;
};

/**
 * How a service's gRPC port meets its clients: with certificates on both sides, where a client without one of our authority is
 * turned away in the handshake, or plainly, where the configuration has none. Throws for files that are no use.
 */
export const serverCredentials = (config: TlsConfig): ServerCredentials => {
  const pem = pemOf(config);
  if (!pem) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(pem.ca, [{ cert_chain: pem.cert, private_key: pem.key }], true);
};

/** The same for a question to a neighbour: this service shows the certificate that it is itself reached by. */
export const neighbourCredentials = (config: TlsConfig): ChannelCredentials => {
  const pem = pemOf(config);
  return pem ? credentials.createSsl(pem.ca, pem.key, pem.cert) : credentials.createInsecure();
};
