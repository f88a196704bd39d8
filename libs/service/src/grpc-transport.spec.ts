import { ServerCredentials } from '@grpc/grpc-js';
import { Duplex } from 'node:stream';
import { setImmediate as aTurn } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import { GrpcTransport } from './grpc-transport';

type Messages = Observable<string> & { drainBuffer: () => void };

/** A stream call of a client, and what it was answered. */
const aCall = () => {
  const answered: string[] = [];
  const call = new Duplex({
    objectMode: true,
    read: () => undefined,
    write: (answer: string, _encoding, done) => {
      answered.push(answer);
      done();
    },
  });
  return { call, answered };
};

describe('a stream of requests', () => {
  it('is handed on in its order, also what comes while the caller is checked and just after', async () => {
    const transport = new GrpcTransport({
      service: 'sample.v1.SampleService',
      definition: {},
      host: '127.0.0.1',
      port: 0,
      credentials: ServerCredentials.createInsecure(),
      reflection: false,
      finished: () => undefined,
    });
    const { call, answered } = aCall();
    // As Nest does it: the guards, then the buffer is given out, then the handler.
    const echo = async (messages: Messages): Promise<Messages> => {
      call.push('first');
      await aTurn();
      messages.drainBuffer();
      call.push('second');
      return messages;
    };
    const handle = transport.createRequestStreamMethod(echo, true);
    const handled = handle(call as never, () => undefined);
    await aTurn();
    await aTurn();
    call.push(null);
    await handled;
    expect(answered).toEqual(['first', 'second']);
  });
});
