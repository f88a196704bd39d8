import { Controller, Inject, SetMetadata, type Type } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Metadata } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { asCaller, callerOf } from './auth-guard';
import { Dispatcher } from './dispatcher';
import { messageOf, rpcsOf, shaperOf } from './grpc-contract';
import { type OperationType, specOf } from './operation';
import { POLICY } from './policy';

type Request = Record<string, unknown> & { requestId?: string; expectedVersion?: number };

/** One rpc per operation, all ending in the dispatcher. Throws for an operation whose rpc the contract does not have. */
export const grpcDoor = (
  definition: PackageDefinition,
  service: string,
  operations: readonly OperationType[],
): Type => {
  class GrpcDoor {
    constructor(readonly dispatcher: Dispatcher) {}
  }
  Inject(Dispatcher)(GrpcDoor, undefined, 0);
  Controller()(GrpcDoor);
  const rpcs = rpcsOf(definition, service);
  for (const operation of operations) {
    const { rpc, name } = specOf(operation);
    const method = rpcs.get(rpc);
    if (!method) throw new Error(`${name}: ${service} has no rpc ${rpc}.`);
    addRpc(GrpcDoor, service, operation, shaperOf(definition, messageOf(definition, method, 'requestType')));
  }
  return GrpcDoor;
};

const addRpc = (
  door: Type<{ dispatcher: Dispatcher }>,
  service: string,
  operation: OperationType,
  shape: (decoded: Record<string, unknown>) => Record<string, unknown>,
): void => {
  const { rpc } = specOf(operation);

  function answer(this: { dispatcher: Dispatcher }, request: Request, metadata: Metadata): Promise<unknown> {
    const message = shape(request);
    const caller = callerOf(metadata);
    if (operation.kind === 'query')
      return asCaller(metadata, () => this.dispatcher.dispatch(operation, message, caller));
    const { requestId, expectedVersion, ...input } = message as Request;
    const call = { requestId, expectedVersion };
    return asCaller(metadata, () => this.dispatcher.dispatch(operation, input, caller, call));
  }

  const descriptor = { value: answer, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(answer, 'name', { value: rpc });
  const prototype = door.prototype as object;
  Object.defineProperty(prototype, rpc, descriptor);
  // Nest knows a service by the last part of its name.
  GrpcMethod(String(service.split('.').at(-1)), rpc)(prototype, rpc, descriptor);
  SetMetadata(POLICY, 'operation')(prototype, rpc, descriptor);
};
