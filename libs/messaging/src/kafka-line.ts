import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { KafkaAddress, KafkaLogin } from './kafka-address';
import { boundHeaders } from './kafka-headers';
import { calmRequestQueues } from './kafka-request-queue';

const KEEP_ALIVE_MS = 60_000;

/** Attempts of one request before the failure is told; whoever hears of it tries again in his own time. */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 };

type Target = Parameters<NonNullable<KafkaConfig['socketFactory']>>[0];

/**
 * A client with connections of its own, which can be cut. kafkajs takes its leave by waiting for the answers that it has not
 * got yet; of a broker that died meanwhile it waits for ever. What it would log comes back as errors, which carry no
 * message contents.
 */
export class KafkaLine {
  readonly kafka: Kafka;
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  constructor({ brokers, tls, login }: KafkaAddress, clientId: string) {
    calmRequestQueues();
    boundHeaders();
    this.kafka = new Kafka({
      clientId,
      brokers: [...brokers],
      connectionTimeout: 3_000,
      requestTimeout: 30_000,
      retry: RETRY,
      logLevel: logLevel.NOTHING,
      socketFactory: (target) => this.open(target),
      ...(tls ? { ssl: tls.caFile === undefined ? true : { ca: readFileSync(tls.caFile, 'utf8') } } : {}),
      ...(login ? { sasl: saslOf(login) } : {}),
    });
  }

  /** Breaks all connections for good: what waits for an answer fails now, what asks later fails at once. */
  cut(): void {
    this.isCut = true;
    // With an error, for kafkajs hears of nothing else.
    for (const socket of this.sockets) socket.destroy(new Error('The line was cut.'));
  }

  private open({ host, port, ssl, onConnect }: Target): Socket {
    if (this.isCut) throw new Error('The line was cut.');
    const name = isIP(host) ? {} : { servername: host };
    const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  }
}

// kafkajs types each mechanism apart.
const saslOf = ({ mechanism, username, password }: KafkaLogin) => {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
};
