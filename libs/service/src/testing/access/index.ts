export { accessSuite, type AccessOptions, type AccessStage } from './access-suite';
export { fuzzSuite, type FuzzOptions } from './fuzz-suite';
