import { Metadata } from '@grpc/grpc-js';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type Problem, WIRE } from './problem';

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
const encodeStatus = (problem: Problem): Buffer => {
  const { grpc } = WIRE[problem.kind];
  const retryAfterSeconds = problem.retryAfterSeconds ?? WIRE[problem.kind].retryAfterSeconds;
  const encoded = text(writer().tag(1, WireType.Varint).int32(grpc), 2, problem.message);
  nested(encoded, 3, errorInfo(problem.code));
  if (problem.violations.length > 0) nested(encoded, 3, badRequest(problem));
  if (problem.quota !== undefined) nested(encoded, 3, quotaFailure(problem.quota));
  if (retryAfterSeconds !== undefined) nested(encoded, 3, retryInfo(retryAfterSeconds));
  return Buffer.from(encoded.finish());
};

/** What a gRPC handler gives to its callback to refuse. */
export const grpcErrorOf = (problem: Problem) => {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', encodeStatus(problem));
  return {
    code: WIRE[problem.kind].grpc,
    details: `${problem.code}: ${problem.message}`,
    message: problem.code,
    metadata,
  };
};
