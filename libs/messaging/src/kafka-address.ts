export type KafkaLogin = Readonly<{
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
}>;

/** How to reach a cluster. */
export type KafkaAddress = Readonly<{
  /** `host:port` of some of its brokers; the others are asked for. */
  brokers: readonly string[];
  /** TLS, with the certificates of a file or those that the system trusts. */
  tls?: Readonly<{ caFile?: string }>;
  login?: KafkaLogin;
}>;

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const SHAPE = /^kafka:\/\/(?:([^:@/?]+):([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/;
const BROKER = /^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/;

/**
 * Reads `kafka://[user:password@]host:port[,host:port…][?tls=true][&ca=file][&mechanism=…]`. A login is never sent over an
 * open line: it implies TLS. Messages name what is wrong and repeat nothing, for the password is in there.
 */
export const readKafkaUrl = (url: string): KafkaAddress => {
  const parts = SHAPE.exec(url);
  if (!parts) throw new Error('A Kafka address must look like kafka://host:port,host:port.');
  const [, user, password, hosts = '', query] = parts;
  const brokers = hosts.split(',');
  if (!brokers.every((broker) => BROKER.test(broker))) throw new Error('Each broker must be given as host:port.');
  return { brokers, ...securityOf(optionsOf(query), user, password) };
};

type Options = Readonly<{ tls?: string; ca?: string; mechanism?: string }>;

const optionsOf = (query: string | undefined): Options => {
  const options: Record<string, string> = Object.fromEntries(new URLSearchParams(query));
  if (Object.keys(options).some((name) => !['tls', 'ca', 'mechanism'].includes(name)))
    throw new Error('A Kafka address knows the options tls, ca and mechanism only.');
  return options;
};

const securityOf = ({ tls, ca, mechanism }: Options, user = '', password = ''): Omit<KafkaAddress, 'brokers'> => {
  if (tls !== undefined && tls !== 'true') throw new Error('The option tls of a Kafka address can only be true.');
  const trust = ca === undefined ? {} : { caFile: ca };
  if (user !== '') return { tls: trust, login: loginOf(mechanism ?? 'scram-sha-512', user, password) };
  return tls === undefined && ca === undefined ? {} : { tls: trust };
};

const loginOf = (mechanism: string, user: string, password: string): KafkaLogin => {
  const known = MECHANISMS.find((one) => one === mechanism);
  if (!known) throw new Error(`The mechanism of a Kafka login is one of ${MECHANISMS.join(', ')}.`);
  return { mechanism: known, username: decodeURIComponent(user), password: decodeURIComponent(password) };
};
