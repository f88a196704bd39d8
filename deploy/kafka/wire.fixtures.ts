import { freePort } from '@oppi/local-postgres';
import { connect, createServer, type Socket } from 'node:net';

/** What stands between clients and the broker, so that a test can cut it. */
export type Wire = Readonly<{
  port: number;
  /** Breaks all connections; new ones are let in. */
  cut: () => void;
  /** Swallows the next answer to a produce request, and breaks that connection. */
  loseAcknowledgement: () => Promise<void>;
  /** From now on, swallows all answers on the connections that have fetched so far, and keeps them open. */
  silenceReaders: () => void;
  /** From now on nothing is answered, on new connections neither; they all stay open until `speakAgain` breaks them. */
  fallSilent: () => void;
  speakAgain: () => void;
  close: () => void;
}>;

const PRODUCE = 0;
const FETCH = 1;

/** A wire to `target`, which may come and go. */
export const layWire = async (target: number): Promise<Wire> => {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const readers = new Set<Socket>();
  const silenced = new Set<Socket>();
  let lose: (() => void) | undefined;
  let isSilent = false;
  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1');
    let isDoomed = false;
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        for (const set of [sockets, readers, silenced]) set.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      // A request of kafkajs begins a chunk: four bytes of length, two that say what is asked for.
      const asked = chunk.length > 6 ? chunk.readInt16BE(4) : undefined;
      if (lose && asked === PRODUCE) isDoomed = true;
      if (asked === FETCH) readers.add(client);
      broker.write(chunk);
    });
    broker.on('data', (chunk: Buffer) => {
      if (isSilent || silenced.has(client)) return;
      if (!isDoomed) return void client.write(chunk);
      lose?.();
      lose = undefined;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port,
    cut,
    loseAcknowledgement: () => new Promise((resolve) => (lose = resolve)),
    silenceReaders: () => readers.forEach((reader) => silenced.add(reader)),
    fallSilent: () => void (isSilent = true),
    speakAgain: () => {
      isSilent = false;
      cut();
    },
    close: () => {
      server.close();
      cut();
    },
  };
};

const LEAVE_GROUP = 13;
const text = (value: string): Buffer => {
  const length = Buffer.alloc(2);
  length.writeInt16BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
};

/** Tells the broker, in a member's name, that it leaves its group: so a member is given up without its knowing. */
export const leaveInTheNameOf = (port: number, group: string, memberId: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const head = Buffer.alloc(8); // api key, version 0, correlation id
    head.writeInt16BE(LEAVE_GROUP, 0);
    const body = Buffer.concat([head, text('depose'), text(group), text(memberId)]);
    const size = Buffer.alloc(4);
    size.writeInt32BE(body.length);
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([size, body])));
    socket.on('error', reject);
    socket.on('data', () => {
      socket.destroy();
      resolve();
    });
  });
