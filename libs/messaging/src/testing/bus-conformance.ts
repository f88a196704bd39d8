import { deliveryConformance } from './delivery-conformance';
import { faultConformance } from './fault-conformance';
import { parkingConformance } from './parking-conformance';
import type { Stage } from './stage';

/** What every adapter of the bus must do, on its own and with relay, consumer and inbox around it. */
export const busConformance = (name: string, makeStage: () => Promise<Stage>): void => {
  describe(`a bus on ${name}`, () => {
    let made: Stage | undefined;
    const stage = (): Stage => {
      if (!made) throw new Error('The stage is not ready.');
      return made;
    };

    beforeAll(async () => {
      made = await makeStage();
    }, 120_000);

    afterAll(async () => {
      await made?.end();
    }, 60_000);

    deliveryConformance(stage);
    parkingConformance(stage);
    faultConformance(stage);
  });
};
