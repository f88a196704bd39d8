import { join } from 'node:path';
import { SystemClock } from '../../clock';
import { openLog } from '../../log';
import type { ServiceConfig } from '../../config';
import { type RunningService, type ServiceOptions, startService } from '../../start';
import type { TestIssuer } from '../issuer';
import { Orchard, SampleModule, sampleOperations } from './sample';

export const sampleContract = {
  service: 'sample.v1.SampleService',
  protos: ['sample/v1/sample_service.proto'],
  protoRoot: join(__dirname, 'proto'),
};

export type LogLine = Record<string, unknown>;

/** The sample service on free ports, with its log kept in `lines`. */
export const startSample = async (
  issuer: TestIssuer,
  more: Partial<ServiceOptions> = {},
  settings: Partial<ServiceConfig> = {},
) => {
  const lines: LogLine[] = [];
  const log = openLog('sample', 'debug', { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) });
  const service: RunningService = await startService({
    name: 'sample',
    grpcService: sampleContract.service,
    protos: sampleContract.protos,
    protoRoot: sampleContract.protoRoot,
    module: SampleModule,
    operations: sampleOperations,
    config: {
      APP_ENV: 'test',
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: 0,
      GRPC_HOST: '127.0.0.1',
      GRPC_PORT: 0,
      LOG_LEVEL: 'debug',
      ...issuer.config,
      ...settings,
    },
    clock: new SystemClock(),
    log,
    ...more,
  });
  const orchard = service.app.get(Orchard, { strict: false });
  return { service, lines, orchard, url: `http://127.0.0.1:${service.httpPort}` };
};
