import { Metadata, type ServerInterceptingCallInterface, status } from '@grpc/grpc-js';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ofHttpStatus, type Problem, problemOf, TooSlow, WIRE } from './problem';

// google.rpc.Status and its details, by the field numbers of google/rpc/status.proto and error_details.proto.
// Written out here because these five messages are all we need of googleapis.
const writer = () => new BinaryWriter();
const text = (to: BinaryWriter, field: number, value: string) => to.tag(field, WireType.LengthDelimited).string(value);
const nested = (to: BinaryWriter, field: number, value: BinaryWriter) =>
  to.tag(field, WireType.LengthDelimited).bytes(value.finish());

const any = (type: string, value: BinaryWriter): BinaryWriter =>
  nested(text(writer(), 1, `type.googleapis.com/google.rpc.${type}`), 2, value);

const errorInfo = (code: string): BinaryWriter => any('ErrorInfo', text(text(writer(), 1, code), 2, 'oppi'));

const badRequest = ({ violations }: Problem): BinaryWriter => {
  const request = writer();
  for (const { pointer, message } of violations) nested(request, 1, text(text(writer(), 1, pointer), 2, message));
  return any('BadRequest', request);
};

const retryInfo = (seconds: number): BinaryWriter =>
  any('RetryInfo', nested(writer(), 1, writer().tag(1, WireType.Varint).int64(seconds)));

const quotaFailure = (description: string): BinaryWriter =>
  any('QuotaFailure', nested(writer(), 1, text(text(writer(), 1, 'caller'), 2, description)));

/** The `google.rpc.Status` of a problem, encoded. */
const encodeStatus = (problem: Problem, code: status): Buffer => {
  const retryAfterSeconds = problem.retryAfterSeconds ?? WIRE[problem.kind].retryAfterSeconds;
  const encoded = text(writer().tag(1, WireType.Varint).int32(code), 2, problem.message);
  nested(encoded, 3, errorInfo(problem.code));
  if (problem.violations.length > 0) nested(encoded, 3, badRequest(problem));
  if (problem.quota !== undefined) nested(encoded, 3, quotaFailure(problem.quota));
  if (retryAfterSeconds !== undefined) nested(encoded, 3, retryInfo(retryAfterSeconds));
  return Buffer.from(encoded.finish());
};

const DETAILS = 'grpc-status-details-bin';

/** What a gRPC handler gives to its callback to refuse; `code` where gRPC itself prescribes another than the table. */
export const grpcErrorOf = (problem: Problem, code = WIRE[problem.kind].grpc) => {
  const metadata = new Metadata();
  metadata.set(DETAILS, encodeStatus(problem, code));
  return {
    code,
    details: `${problem.code}: ${problem.message}`,
    message: problem.code,
    metadata,
  };
};

/** The status of a call, as grpc-js hands it on. */
export type Answer = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

// INTERNAL is what grpc-js calls them, though no fault of ours.
const UNREADABLE = /^(Invalid grpc-timeout|Failed to decompress|Error deserializing|Received a second request)/;

const problemOfGrpc = ({ code, details }: Answer): Problem => {
  if (code === status.RESOURCE_EXHAUSTED) return { ...ofHttpStatus(413), message: 'The message is too large.' };
  if (details.includes('unsupported encoding'))
    return { ...ofHttpStatus(415), message: 'This compression is not known here.' };
  if (UNREADABLE.test(details)) return ofHttpStatus(400);
  return problemOf(code === status.DEADLINE_EXCEEDED ? new TooSlow() : undefined);
};

/** A status as it leaves: what grpc-js refuses by itself, before our code or behind it, gets its code and details here. */
export const withDetails = (answer: Answer): Answer => {
  const { code, metadata } = answer;
  if (code === status.OK || (metadata?.get(DETAILS).length ?? 0) > 0) return answer;
  // By UNIMPLEMENTED a client knows to send it again without compression.
  return grpcErrorOf(problemOfGrpc(answer), code === status.UNIMPLEMENTED ? code : undefined);
};
