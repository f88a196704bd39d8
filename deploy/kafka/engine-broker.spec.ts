import { containerOf } from './engine-broker';

describe('a Kafka in a container', () => {
  const { environment, port, volume } = containerOf({ host: 'engine', port: 7080, clusterId: 'kAbC' });

  it('tells clients where it is from outside, and itself where it is inside', () => {
    expect(environment).toMatchObject({
      KAFKA_LISTENERS: 'CLIENTS://:9092,BROKERS://:9093,CONTROLLER://:9094',
      KAFKA_ADVERTISED_LISTENERS: 'CLIENTS://engine:7080,BROKERS://localhost:9093',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'BROKERS',
    });
    expect(port).toEqual({ container: 9092, host: 7080 });
  });

  it('keeps its data in a volume of its cluster, so that an emptied one is never taken for the old one', () => {
    expect(environment).toMatchObject({ CLUSTER_ID: 'kAbC', KAFKA_LOG_DIRS: volume.target });
    expect(volume.source).toBe('oppi-kafka-kAbC');
  });

  it('is as small as the one by Java, and forgets nothing by itself', () => {
    expect(environment).toMatchObject({
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_LOG_RETENTION_MS: '-1',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_LOG_CLEANER_DEDUPE_BUFFER_SIZE: '2097152',
    });
  });
});
