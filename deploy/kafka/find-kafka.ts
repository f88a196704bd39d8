import { givenKafka } from './given-kafka';
import { whatIsMissing } from './jars';

/** Where a local run has its Kafka from. */
export type KafkaSource = Readonly<{ from: 'environment'; url: string }> | Readonly<{ from: 'engine' | 'jars' }>;

type Surroundings = Readonly<{
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Whether a Docker engine answers here. */
  hasEngine: () => Promise<boolean>;
}>;

/** The first of these that there is: a cluster that the environment names, a Docker engine, Java and the broker's jars. */
export const findKafka = async ({ root, env, hasEngine }: Surroundings): Promise<KafkaSource> => {
  const url = givenKafka(env);
  if (url) return { from: 'environment', url };
  if (await hasEngine()) return { from: 'engine' };
  const missing = whatIsMissing(root, env);
  if (missing === undefined) return { from: 'jars' };
  throw new Error(`KAFKA_BROKERS is not set, and no Docker engine answers. ${missing}`);
};
