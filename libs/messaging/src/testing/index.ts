export { busConformance } from './bus-conformance';
export type { Stage } from './stage';
