import { readKafkaUrl } from '@oppi/messaging';
import { givenKafka } from './given-kafka';

describe('the Kafka that the environment names', () => {
  const read = (env: Readonly<Record<string, string>>) => readKafkaUrl(givenKafka(env) ?? '');

  it('is none when no brokers are named', () => {
    expect(givenKafka({ KAFKA_USER: 'oppi', KAFKA_BROKERS: '' })).toBeUndefined();
  });

  it('is told with its brokers, and TLS where asked for', () => {
    expect(read({ KAFKA_BROKERS: 'one:9092, two:9092' })).toEqual({ brokers: ['one:9092', 'two:9092'] });
    expect(read({ KAFKA_BROKERS: 'one:9092', KAFKA_TLS: 'true', KAFKA_CA_FILE: '/etc/my ca.pem' })).toEqual({
      brokers: ['one:9092'],
      tls: { caFile: '/etc/my ca.pem' },
    });
  });

  it('is told with a login, whatever signs are in it', () => {
    const login = { KAFKA_USER: 'o/p:i', KAFKA_PASSWORD: 'p@ss:w/rd?', KAFKA_MECHANISM: 'plain' };
    expect(read({ KAFKA_BROKERS: 'one:9092', ...login })).toEqual({
      brokers: ['one:9092'],
      tls: {},
      login: { mechanism: 'plain', username: 'o/p:i', password: 'p@ss:w/rd?' },
    });
  });

  it('is refused when it cannot be read, and the password is not repeated', () => {
    const env = { KAFKA_BROKERS: 'one', KAFKA_USER: 'oppi', KAFKA_PASSWORD: 'secret' };
    expect(() => givenKafka(env)).toThrow(
      'KAFKA_BROKERS and what goes with it: Each broker must be given as host:port.',
    );
  });
});
