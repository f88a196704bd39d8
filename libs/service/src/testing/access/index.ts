export { accessSuite, type AccessStage } from './access-suite';
export { fuzzSuite } from './fuzz-suite';
export { ownSuite, type Subjects } from './own-suite';
