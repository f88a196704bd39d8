import type { PackageDefinition } from '@grpc/proto-loader';
import { z } from 'zod';
import { type Contract, type Field, fieldsOf, loadContract, messageOf, rpcsOf } from '../grpc-contract';
import { type OperationType, specOf } from '../operation';

export type ContractOptions = Contract &
  Readonly<{ /** Rpcs that a hand-written controller binds. */ boundElsewhere?: readonly string[] }>;

/**
 * Every difference between operations and their proto contract, one sentence each: rpcs nobody bound, operations without
 * an rpc, fields of inputs and outputs that one side lacks, and fields whose absence only one side can tell.
 */
export const contractProblems = (operations: readonly OperationType[], options: ContractOptions): string[] => {
  const definition = loadContract(options);
  const rpcs = rpcsOf(definition, options.service);
  const bound = new Set([...operations.map((operation) => specOf(operation).rpc), ...(options.boundElsewhere ?? [])]);
  const unbound = [...rpcs.keys()].filter((rpc) => !bound.has(rpc)).map((rpc) => `${rpc}: no operation is bound to it`);
  return [...unbound, ...operations.flatMap((operation) => problemsOf(definition, options.service, operation))];
};

// Fields of the call, not of the input.
const OF_THE_CALL = new Set(['requestId', 'expectedVersion']);

const problemsOf = (definition: PackageDefinition, service: string, operation: OperationType): string[] => {
  const { rpc, name } = specOf(operation);
  const method = rpcsOf(definition, service).get(rpc);
  if (!method) return [`${name}: the contract has no rpc ${rpc}`];
  const request = messageOf(definition, method, 'requestType');
  const response = messageOf(definition, method, 'responseType');
  const isCommand = operation.kind === 'command';
  const inputs = fieldsOf(definition, request).filter(({ name: field }) => !(isCommand && OF_THE_CALL.has(field)));
  const missing = isCommand ? missingOfTheCall(definition, request) : [];
  return [
    ...missing,
    ...compare(definition, request, inputs, operation.inputSchema),
    ...compare(definition, response, fieldsOf(definition, response), operation.outputSchema),
  ];
};

const missingOfTheCall = (definition: PackageDefinition, request: string): string[] => {
  const names = new Set(fieldsOf(definition, request).map(({ name }) => name));
  return [...OF_THE_CALL].filter((field) => !names.has(field)).map((field) => `${request}: a command needs ${field}`);
};

const compare = (
  definition: PackageDefinition,
  message: string,
  fields: readonly Field[],
  { shape }: z.ZodObject,
): string[] => {
  const inProto = new Map(fields.map((field) => [field.name, field]));
  const onlySchema = Object.keys(shape).filter((name) => !inProto.has(name));
  return [
    ...onlySchema.map((name) => `${message}: the schema has ${name}, the message has not`),
    ...fields.flatMap((field) => {
      const schema: unknown = shape[field.name];
      if (!schema) return [`${message}: the message has ${field.name}, the schema has not`];
      return compareField(definition, `${message}.${field.name}`, field, schema as z.ZodType);
    }),
  ];
};

type Shape = { schema: z.ZodType; optional: boolean };

const unwrap = (schema: z.ZodType, optional = false): Shape => {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap() as z.ZodType, true);
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly)
    return unwrap(schema.unwrap() as z.ZodType, optional);
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType, optional);
  return { schema, optional };
};

const compareField = (definition: PackageDefinition, at: string, field: Field, given: z.ZodType): string[] => {
  const { schema, optional } = unwrap(given);
  const problems: string[] = [];
  if (schema instanceof z.ZodArray !== field.repeated) problems.push(`${at}: only one side is a list`);
  // A zero or false that is not sent would arrive over gRPC as given and over REST as absent.
  if (optional && !field.presence && !field.repeated && field.empty !== undefined)
    problems.push(`${at}: optional in the schema, so it has to be optional in the message`);
  const item = schema instanceof z.ZodArray ? unwrap(schema.element as z.ZodType).schema : schema;
  if (item instanceof z.ZodObject !== (field.message !== undefined)) problems.push(`${at}: only one side is an object`);
  else if (item instanceof z.ZodObject && field.message !== undefined)
    problems.push(...compare(definition, field.message, fieldsOf(definition, field.message), item));
  return problems;
};
