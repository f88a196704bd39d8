import { busConformance } from '@oppi/messaging/testing';
import { describeIfAvailable } from '@oppi/testing';
import { ROOT } from '../local/layout';
import { whatIsMissing } from './jars';
import { kafkaStage } from './kafka-stage.fixtures';

const missing = whatIsMissing(ROOT);

describeIfAvailable('Kafka', missing === undefined, missing ?? '', () => {
  busConformance('Kafka', kafkaStage);
});
