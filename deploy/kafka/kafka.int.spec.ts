import { busConformance } from '@oppi/messaging/testing';
import { describeIfAvailable } from '@oppi/testing';
import { ROOT } from '../local/layout';
import { whatIsMissing } from './jars';
import { kafkaStage } from './kafka-stage.fixtures';

jest.setTimeout(60_000); // members of a Kafka group find each other in a second or two, on a busy machine in more

const missing = whatIsMissing(ROOT);

describeIfAvailable('Kafka', missing === undefined, missing ?? '', () => {
  busConformance('Kafka', kafkaStage);
});
