import { BinaryReader } from '@bufbuild/protobuf/wire';

type Visit = Readonly<Record<number, (reader: BinaryReader) => void>>;

const visit = (bytes: Uint8Array, fields: Visit): void => {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const read = fields[field];
    if (read) read(reader);
    else reader.skip(wireType);
  }
};

export type StatusDetails = {
  code: string | undefined;
  violations: { pointer: string; message: string }[];
  retrySeconds?: number;
  quota?: string;
};

/** What a `google.rpc.Status` in `grpc-status-details-bin` says. */
export const decodeStatus = (bytes: Uint8Array): StatusDetails => {
  const details: StatusDetails = { code: undefined, violations: [] };
  const violation = (value: Uint8Array): void => {
    const found = { pointer: '', message: '' };
    visit(value, { 1: (r) => (found.pointer = r.string()), 2: (r) => (found.message = r.string()) });
    details.violations.push(found);
  };
  const any = (value: Uint8Array): void => {
    let type = '';
    visit(value, {
      1: (r) => (type = r.string()),
      2: (r) => {
        const content = r.bytes();
        if (type.endsWith('.ErrorInfo')) visit(content, { 1: (inner) => (details.code = inner.string()) });
        if (type.endsWith('.BadRequest')) visit(content, { 1: (inner) => violation(inner.bytes()) });
        if (type.endsWith('.RetryInfo'))
          visit(content, {
            1: (inner) => visit(inner.bytes(), { 1: (seconds) => (details.retrySeconds = Number(seconds.int64())) }),
          });
        if (type.endsWith('.QuotaFailure'))
          visit(content, { 1: (inner) => visit(inner.bytes(), { 2: (said) => (details.quota = said.string()) }) });
      },
    });
  };
  visit(bytes, { 3: (r) => any(r.bytes()) });
  return details;
};
