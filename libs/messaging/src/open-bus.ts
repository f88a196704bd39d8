import type { Bus } from './bus';
import { readKafkaUrl } from './kafka-address';
import { KafkaBus } from './kafka-bus';
import { PgLogBus } from './pg-log-bus';

export type BusConfig = Readonly<{
  /** `postgres://…` of the embedded log's database, or `kafka://host:port,…` (see `readKafkaUrl`). */
  url: string;
  /** Hears of connections that broke; they are made anew. */
  onError: (error: Error) => void;
}>;

/** The bus behind an address. Nothing is connected before it is used. */
export const openBus = ({ url, onError }: BusConfig): Bus => {
  if (/^postgres(ql)?:/.test(url)) return new PgLogBus({ url, onError });
  if (url.startsWith('kafka:')) return new KafkaBus(readKafkaUrl(url));
  throw new Error('BUS_URL must begin with postgres:// or kafka://.');
};
