import { readKafkaUrl } from './kafka-address';
import { openBus } from './open-bus';

describe('the address of a Kafka cluster', () => {
  it('names brokers, and speaks openly unless told otherwise', () => {
    expect(readKafkaUrl('kafka://one:9092,10.0.0.2:9093,[::1]:9094')).toEqual({
      brokers: ['one:9092', '10.0.0.2:9093', '[::1]:9094'],
    });
    expect(readKafkaUrl('kafka://one:9092/?tls=true')).toEqual({ brokers: ['one:9092'], tls: {} });
    expect(readKafkaUrl('kafka://one:9092?ca=%2Fetc%2Fca.pem').tls).toEqual({ caFile: '/etc/ca.pem' });
  });

  it('takes a login, which is never sent over an open line', () => {
    expect(readKafkaUrl('kafka://oppi:p%40ss@one:9092?mechanism=plain')).toEqual({
      brokers: ['one:9092'],
      tls: {},
      login: { mechanism: 'plain', username: 'oppi', password: 'p@ss' },
    });
    expect(readKafkaUrl('kafka://oppi:secret@one:9092').login?.mechanism).toBe('scram-sha-512');
  });

  it.each([
    'kafka://',
    'kafka://one',
    'kafka://one:9092,two',
    'kafka://secret:secret@one',
    'kafka://a:secret@one:9092?mechanism=secret',
    'kafka://one:9092?tls=secret',
    'kafka://one:9092?secret=true',
    'http://secret:9092',
  ])('refuses %s without repeating it', (url) => {
    const refusal = (): unknown => {
      try {
        return readKafkaUrl(url);
      } catch (error) {
        return String(error);
      }
    };
    expect(refusal()).toMatch(/^Error: /);
    expect(refusal()).not.toContain('secret');
  });

  it('is told from that of the embedded log by its beginning, and anything else is refused', async () => {
    const names = ['postgres://u@127.0.0.1:1/bus', 'postgresql://u@127.0.0.1:1/bus', 'kafka://127.0.0.1:1'].map(
      (url) => {
        const bus = openBus({ url, onError: () => undefined });
        return [bus.constructor.name, bus.close()] as const;
      },
    );
    await Promise.all(names.map(([, closed]) => closed));
    expect(names.map(([name]) => name)).toEqual(['PgLogBus', 'PgLogBus', 'KafkaBus']);
    expect(() => openBus({ url: 'amqp://x', onError: () => undefined })).toThrow('BUS_URL');
  });
});
