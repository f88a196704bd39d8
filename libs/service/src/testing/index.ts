export { accessSuite, fuzzSuite, ownSuite, type AccessStage, type Subjects } from './access';
export { bothWires, WireError, type CallOptions, type Wire } from './both-wires';
export { contractProblems, type ContractOptions } from './contract';
export { testIssuer, type TestIssuer, type TokenMore } from './issuer';
