import { createRequire } from 'node:module';
import { MOST_HEADERS } from './envelope-reading';

/** As much of kafkajs' internal decoder as is touched here. */
export type RecordDecoder = {
  readVarInt: () => number;
  readVarIntArray: (read: (decoder: RecordDecoder) => unknown) => unknown[];
};

/** One more than a message may have, so that it is still seen to have too many. */
const MOST_READ = MOST_HEADERS + 1;

let isBound = false;

/**
 * kafkajs 2.2.4 gathers the headers of a record by copying all gathered so far for each of them: a record of a few hundred
 * kilobytes that holds ten thousand holds up the whole process for half a minute, longer than Kafka waits for a reader, and
 * the next reader for as long. From now on no more are read than show that there are too many. They stand last in a record,
 * so nothing behind them is missed.
 */
export const boundHeaders = (): void => {
  if (isBound) return;
  isBound = true;
  const { prototype } = createRequire(__filename)('kafkajs/src/protocol/decoder') as { prototype: RecordDecoder };
  prototype.readVarIntArray = function (this: RecordDecoder, read): unknown[] {
    const length = Math.min(Math.max(this.readVarInt(), 0), MOST_READ);
    return Array.from({ length }, () => read(this));
  };
};
