import { describeIfAvailable } from '@oppi/testing';
import { whatIsMissing } from '../kafka/jars';
import { BUSES } from '../local/bus';
import { ROOT } from '../local/layout';
import { type Product, startProduct } from './scene.fixtures';

/** Why no product can be started on Kafka here; undefined when one can. */
export const whyNoKafka = process.env['KAFKA_BROKERS'] ? undefined : whatIsMissing(ROOT);

const START_LIMIT_MS = 180_000; // a broker and all services come up on a machine that has other work to do

/** Tells a journey once on each bus, with a product of its own. Where there is no Kafka, that telling reads not run. */
export const describeOnEachBus = (name: string, tell: (product: () => Product) => void): void => {
  for (const bus of BUSES)
    describeIfAvailable(`${name} (${bus})`, bus === 'embedded' || whyNoKafka === undefined, whyNoKafka ?? '', () => {
      let product: Product | undefined;

      beforeAll(async () => {
        product = await startProduct(bus);
      }, START_LIMIT_MS);

      afterAll(async () => {
        await product?.stop();
      }, 60_000);

      tell(() => {
        if (!product) throw new Error('The product is not up.');
        return product;
      });
    });
};
