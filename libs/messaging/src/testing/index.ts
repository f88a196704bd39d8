export { busConformance } from './bus-conformance';
export { deliveryConformance } from './delivery-conformance';
export { Gate, messageOf, Scene, until } from './scene';
export type { Stage } from './stage';
