import { readKafkaUrl } from '@oppi/messaging';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The cluster that the environment names, as an address for BUS_URL; undefined when it names none. `KAFKA_BROKERS` is
 * `host:port,host:port`; `KAFKA_USER` with `KAFKA_PASSWORD` logs in (`KAFKA_MECHANISM`: plain, scram-sha-256 or, when unset,
 * scram-sha-512), always by TLS; `KAFKA_TLS=true` is for TLS without a login; `KAFKA_CA_FILE` holds the certificates to trust
 * where the system's will not do.
 */
export const givenKafka = (env: Environment): string | undefined => {
  const { KAFKA_BROKERS: brokers, KAFKA_USER: user, KAFKA_PASSWORD: password = '' } = env;
  if (!brokers) return undefined;
  const login = user ? `${encodeURIComponent(user)}:${encodeURIComponent(password)}@` : '';
  const options = Object.entries({ tls: env['KAFKA_TLS'], ca: env['KAFKA_CA_FILE'], mechanism: env['KAFKA_MECHANISM'] })
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`)
    .join('&');
  const url = `kafka://${login}${brokers.replaceAll(' ', '')}${options && `?${options}`}`;
  try {
    readKafkaUrl(url);
  } catch (error) {
    throw new Error(`KAFKA_BROKERS and what goes with it: ${(error as Error).message}`, { cause: error });
  }
  return url;
};
