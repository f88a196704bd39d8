import type { Server } from '@grpc/grpc-js';
import { constants, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';

/** Connections that one address may hold. */
const MOST_PER_PEER = 200;
const WINDOW_MS = 10_000;
/** Pings in ten seconds: nobody idle needs more than two, and who measures a busy line sends one per round trip at most. */
const MOST_PINGS = { idle: 2, busy: 200 };

// Node sends no ping on a connection that was told to go, and grpc-js ends one whose ping does not leave: that would take the
// time that is left from the calls that run on it.
const pingWhileOpen = (session: ServerHttp2Session): void => {
  type Answered = (error: Error | null, duration: number, payload: Buffer) => void;
  const ping: (answered: Answered) => boolean = session.ping.bind(session);
  const pingOrNot = (answered: Answered): boolean => {
    if (!session.closed) return ping(answered);
    setImmediate(answered, null, 0, Buffer.alloc(8));
    return true;
  };
  Object.assign(session, { ping: pingOrNot });
};

const COME_DOWN = constants.NGHTTP2_ENHANCE_YOUR_CALM;

/** Counts the connections and pings of each peer, which grpc-js does not, and ends those of who asks for too much. */
export class GrpcConnections {
  private readonly perPeer = new Map<string, number>();
  private refused = 0;

  /** Looks after the connections of a server that is bound. */
  watch(server: Server): void {
    // No door of grpc-js leads to its sessions; a version that keeps them elsewhere must not start unguarded.
    const servers: unknown = Reflect.get(server, 'http2Servers');
    if (!(servers instanceof Map) || servers.size === 0) throw new Error('grpc-js keeps its HTTP/2 servers elsewhere.');
    for (const each of servers.keys() as Iterable<Http2Server>) each.on('session', (session) => this.admit(session));
  }

  metrics(): Record<string, number> {
    return { grpc_connections_refused_total: this.refused };
  }

  private admit(session: ServerHttp2Session): void {
    pingWhileOpen(session);
    const peer = session.socket.remoteAddress ?? '';
    const held = (this.perPeer.get(peer) ?? 0) + 1;
    this.perPeer.set(peer, held);
    session.once('close', () => this.release(peer));
    if (held > MOST_PER_PEER) this.end(session, 'too_many_connections');
    else this.countPings(session);
  }

  private release(peer: string): void {
    const held = (this.perPeer.get(peer) ?? 1) - 1;
    if (held === 0) this.perPeer.delete(peer);
    else this.perPeer.set(peer, held);
  }

  private countPings(session: ServerHttp2Session): void {
    let [since, pings, streams] = [0, 0, 0];
    session.on('stream', (stream: ServerHttp2Stream) => {
      pings = 0;
      streams += 1;
      stream.once('close', () => (streams -= 1));
    });
    session.on('ping', () => {
      const now = performance.now();
      if (now - since > WINDOW_MS) [since, pings] = [now, 0];
      pings += 1;
      // The words are what clients of gRPC know to slow down for.
      if (pings > (streams > 0 ? MOST_PINGS.busy : MOST_PINGS.idle)) this.end(session, 'too_many_pings');
    });
  }

  private end(session: ServerHttp2Session, why: string): void {
    if (session.destroyed) return;
    this.refused += 1;
    session.goaway(COME_DOWN, 0, Buffer.from(why));
    setImmediate(() => session.destroy(undefined, COME_DOWN));
  }
}
