import type { OperationType } from './operation';
export const openApiDocument = (name: string, operations: readonly OperationType[]): object => ({
  name,
  operations: operations.length,
});
