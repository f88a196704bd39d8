import { createRequire } from 'node:module';
import { boundHeaders, type RecordDecoder } from './kafka-headers';

const kafkajs = createRequire(__filename);
type Record = Readonly<{ key: Buffer; value: Buffer; headers: { [name: string]: Buffer } }>;
const encode = kafkajs('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => { buffer: Buffer };
const decode = kafkajs('kafkajs/src/protocol/recordBatch/record/v0/decoder') as (
  decoder: RecordDecoder,
  batch: object,
) => Record;
const Decoder = kafkajs('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => RecordDecoder & {
  readVarIntBytes: () => Buffer;
};

/** A record with so many headers, written and read by kafkajs. */
const recordWith = (count: number): Record => {
  const headers = Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, Buffer.from(String(n))]));
  const { buffer } = encode({ key: Buffer.from('k'), value: Buffer.from('v'), headers });
  const framed = new Decoder(buffer);
  return decode(new Decoder(framed.readVarIntBytes()), { firstOffset: '0', firstTimestamp: '0' });
};

describe('the headers of a record in kafkajs', () => {
  it('are read only as far as it takes to see that there are too many', () => {
    expect(Object.keys(recordWith(300).headers)).toHaveLength(300); // as kafkajs has it
    boundHeaders();
    boundHeaders();
    expect(Object.keys(recordWith(300).headers)).toHaveLength(65);
  });

  it('are read whole where they are as many as a message may have', () => {
    boundHeaders();
    const { key, value, headers } = recordWith(64);
    expect([key.toString(), value.toString(), Object.keys(headers).length]).toEqual(['k', 'v', 64]);
    expect(headers['x-63']?.toString()).toBe('63');
    expect(recordWith(0).headers).toEqual({});
  });
});
