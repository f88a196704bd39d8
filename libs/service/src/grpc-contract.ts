import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DomainError } from '@oppi/event-sourcing';
import { loadSync, type MethodDefinition, type PackageDefinition } from '@grpc/proto-loader';

/** Fields in camelCase, 64-bit numbers and enums as text, absent fields absent. Servers and clients have to agree. */
const LOADER = {
  keepCase: false,
  longs: String,
  enums: String,
  defaults: false,
  arrays: true,
  oneofs: true,
} as const;

/** The folder of the proto files: the nearest `proto` upwards that has this one. */
const protoRootOf = (proto: string, from = __dirname): string => {
  if (existsSync(join(from, 'proto', proto))) return join(from, 'proto');
  if (dirname(from) === from) throw new Error(`No folder named proto has ${proto}.`);
  return protoRootOf(proto, dirname(from));
};

export type Contract = Readonly<{ service: string; protos: readonly string[]; protoRoot?: string }>;

/** What a server's handler gets in place of a request that could not be decoded. */
const UNREADABLE: object = Object.freeze({});

export const loadContract = ({ protos, protoRoot }: Contract): PackageDefinition =>
  loadSync([...protos], { ...LOADER, includeDirs: [protoRoot ?? protoRootOf(String(protos[0]))] });

/**
 * The contract for a server. grpc-js answers bytes it cannot decode with INTERNAL, our fault; they are the caller's, so
 * they are handed on for the handler to refuse.
 */
export const loadServerContract = (contract: Contract): PackageDefinition => {
  const definition = loadContract(contract);
  for (const rpc of rpcsOf(definition, contract.service).values()) {
    const decode = rpc.requestDeserialize;
    rpc.requestDeserialize = (bytes) => {
      try {
        return decode(bytes);
      } catch {
        return UNREADABLE;
      }
    };
  }
  return definition;
};

export type Rpc = MethodDefinition<object, object>;

/** The rpcs of a service by name. Throws when the files have no such service. */
export const rpcsOf = (definition: PackageDefinition, service: string): ReadonlyMap<string, Rpc> => {
  const found = definition[service];
  if (!found || 'format' in found) throw new Error(`The proto files have no service ${service}.`);
  return new Map(Object.entries(found));
};

type FieldDescriptor = { name: string; label: string; type: string; typeName: string };
type MessageDescriptor = { field: FieldDescriptor[]; oneofDecl: { name: string }[] };

/** A field of a message, as far as shaping and comparing need it. */
export type Field = Readonly<{
  name: string;
  repeated: boolean;
  /** Whether absent can be told from empty. */
  presence: boolean;
  /** The value of an absent scalar that proto3 does not send; undefined for messages and for text. */
  empty?: 0 | false;
  message?: string;
}>;

const NUMBERS = /^TYPE_(DOUBLE|FLOAT|U?INT32|SINT32|S?FIXED32)$/;

const emptyOf = (type: string): { empty?: 0 | false } =>
  type === 'TYPE_BOOL' ? { empty: false } : NUMBERS.test(type) ? { empty: 0 } : {};

// Loaded descriptors name types relative to where they are used.
const resolve = (definition: PackageDefinition, scope: string, name: string): string => {
  if (name.startsWith('.')) return name.slice(1);
  const candidate = scope === '' ? name : `${scope}.${name}`;
  if (definition[candidate]) return candidate;
  if (scope === '') throw new Error(`The proto files have no message ${name}.`);
  return resolve(definition, scope.split('.').slice(0, -1).join('.'), name);
};

/** The full name of an rpc's request or response message. */
export const messageOf = (definition: PackageDefinition, rpc: Rpc, side: 'requestType' | 'responseType'): string => {
  const { name } = rpc[side].type as { name: string };
  return resolve(definition, rpc.path.split('/')[1] ?? '', name);
};

/** The fields of a message by its full name. Throws for a oneof, which has no counterpart in a REST body. */
export const fieldsOf = (definition: PackageDefinition, message: string): readonly Field[] => {
  const { field, oneofDecl } = definition[message]?.type as unknown as MessageDescriptor;
  // `optional` is a oneof of its own, named after its field with an underscore before it.
  const optional = new Set(oneofDecl.map(({ name }) => name));
  const fields = field.map(({ name, label, type, typeName }) => ({
    name,
    repeated: label === 'LABEL_REPEATED',
    presence: optional.delete(`_${name}`) || type === 'TYPE_MESSAGE',
    ...emptyOf(type),
    ...(type === 'TYPE_MESSAGE' ? { message: resolve(definition, message, typeName) } : {}),
  }));
  if (optional.size > 0) throw new Error(`${message} has a oneof; an operation's messages cannot.`);
  return fields;
};

type Message = Record<string, unknown>;

/**
 * Makes plain data of decoded messages: without the loader's virtual fields, and with the zeros and falses that proto3
 * does not send. Empty text stays absent: it is the same on the wire, and nowhere a value of ours.
 */
export const shaperOf = (definition: PackageDefinition, message: string): ((decoded: Message) => Message) => {
  const fields = fieldsOf(definition, message).map((field) => ({
    ...field,
    shape: field.message === undefined ? (value: unknown) => value : nestedShaper(definition, field.message),
  }));
  return (decoded) => {
    if (decoded === UNREADABLE) throw new DomainError('invalid', 'request-malformed', 'The message cannot be read.');
    const plain: Message = {};
    for (const { name, repeated, presence, empty, shape } of fields) {
      const value = decoded[name];
      if (value === undefined || value === null) {
        if (!presence && !repeated && empty !== undefined) plain[name] = empty;
      } else plain[name] = repeated ? (value as unknown[]).map(shape) : shape(value);
    }
    return plain;
  };
};

// Made at first use, so that a message may hold itself.
const nestedShaper = (definition: PackageDefinition, message: string): ((value: unknown) => unknown) => {
  let shape: ((decoded: Message) => Message) | undefined;
  return (value) => (shape ??= shaperOf(definition, message))(value as Message);
};
