import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Line } from './line';

/** A server that answers each chunk with `answer`. */
const serve = async (answer: (chunk: Buffer) => Buffer): Promise<{ server: Server; port: number; heard: Buffer[] }> => {
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk);
      socket.write(answer(chunk));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port, heard };
};

const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

describe('a line', () => {
  let far: Awaited<ReturnType<typeof serve>>;
  let line: Line;
  const sockets: Socket[] = [];
  const dial = async (): Promise<Socket> => {
    const socket = connect(line.port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  const askOver = async (socket: Socket, text: string): Promise<string> => {
    socket.write(text);
    const [chunk] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown];
    return Buffer.isBuffer(chunk) ? chunk.toString() : 'closed';
  };

  beforeEach(async () => {
    far = await serve((chunk) => Buffer.concat([chunk, READY]));
    line = await Line.lay(far.port);
  });
  afterEach(async () => {
    sockets.splice(0).forEach((socket) => socket.destroy());
    await line.remove();
    await new Promise((resolve) => far.server.close(resolve));
  });

  it('carries bytes both ways', async () => {
    expect(await askOver(await dial(), 'hello')).toContain('hello');
  });
  it('cuts what is connected, and lets in who comes next', async () => {
    const socket = await dial();
    await askOver(socket, 'hello');
    line.cut();
    await once(socket, 'close');
    expect(await askOver(await dial(), 'again')).toContain('again');
  });
  it('lets nobody in while it is closed', async () => {
    line.close();
    expect(await askOver(await dial(), 'hello')).toBe('closed');
    line.heal();
    expect(await askOver(await dial(), 'hello')).toContain('hello');
  });
  it('swallows one way and says nothing, and is broken when it heals', async () => {
    const socket = await dial();
    await askOver(socket, 'first');
    line.drop('toNear');
    socket.write('second');
    while (far.heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = once(socket, 'close');
    const heard = jest.fn();
    socket.on('data', heard);
    line.heal();
    await closed;
    expect(heard).not.toHaveBeenCalled();
  });
  it('F15: loses the answer to a commit after the server gave it, and no other answer', async () => {
    const socket = await dial();
    line.loseAnswers(1);
    expect(await askOver(socket, 'select 1')).toContain('select 1');
    expect(await askOver(socket, 'Q\0\0\0\x0bcommit\0')).toBe('closed');
    expect(far.heard.map(String)).toEqual(['select 1', 'Q\0\0\0\x0bcommit\0']);
    expect(line.lost).toBe(1);
    expect(await askOver(await dial(), 'Q\0\0\0\x0bcommit\0')).toContain('commit');
  });
  it('keeps the order of what it delays', async () => {
    const socket = await dial();
    line.delay(30);
    for (const text of ['a', 'b', 'c']) {
      socket.write(text);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    while (far.heard.join('').length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(far.heard.join('')).toBe('abc');
  });
});
