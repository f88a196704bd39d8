import type { Facts } from '../facts';
import { groupBy, type Invariant } from './invariant';

/** Within the limit after healing, every queue was drained and every probe green; and each relay has one leader. */
export const live: Invariant = {
  id: 'I15',
  title: 'liveness: drained and green in time after healing',
  check: ({ quiet: { left, afterMs }, leaders, unanswered }) => [
    ...left.map((what) => `${what}, ${Math.round(afterMs / 1_000)} s after healing`),
    ...leaders.filter(({ count }) => count > 1).map(({ service, count }) => `${service} has ${count} leaders`),
    ...unanswered,
  ],
};

const lateOnes = ({ records }: Facts): number[] =>
  records
    .flatMap(({ call, answer }) => (answer && answer.outcome !== 'ok' ? [answer.at - call.at] : []))
    .sort((a, b) => a - b);

/** Whoever cannot be served is told so, in the words of the error table, in time. */
export const honest: Invariant = {
  id: 'I16',
  title: 'honest errors: documented codes, no 500, in time',
  check: (facts) => {
    const broken = facts.records.filter(({ answer }) => answer?.outcome === 'broken');
    const late = lateOnes(facts);
    const p99 = late[Math.floor(late.length * 0.99)] ?? 0;
    return [
      ...[
        ...groupBy(broken, ({ call, answer }) => `${call.rpc} over ${call.wire}: ${answer?.status} ${answer?.code}`),
      ].map(([what, { length }]) => `${what}, ${length} times`),
      ...(p99 > facts.patienceMs ? [`the 99th of 100 failures took ${p99} ms`] : []),
    ];
  },
};

const MEMORY_SLACK_BYTES = 128 * 1024 * 1024; // a heap grows until its first full collection
const DESCRIPTOR_SLACK = 16;

/** Nothing grows without end: memory and descriptors as before the faults, no transaction left open. */
export const bounded: Invariant = {
  id: 'I17',
  title: 'bounded resources',
  check: ({ resources: { before, after }, idleInTransaction }) => {
    const typical = (pick: (one: Facts['resources']['before'][number]) => number, name: string): number =>
      Math.max(...before.filter(({ process }) => process.split('.')[0] === name.split('.')[0]).map(pick), 0);
    return [
      ...(idleInTransaction > 0 ? [`${idleInTransaction} transactions were left open`] : []),
      ...after.flatMap(({ process, rssBytes, descriptors }) => {
        const memory = typical((one) => one.rssBytes, process) * 1.2 + MEMORY_SLACK_BYTES;
        const files = typical((one) => one.descriptors, process) * 1.2 + DESCRIPTOR_SLACK;
        return [
          ...(rssBytes > memory ? [`${process} holds ${Math.round(rssBytes / 1_048_576)} MiB`] : []),
          ...(descriptors > files ? [`${process} holds ${descriptors} descriptors`] : []),
        ];
      }),
    ];
  },
};

/** Who is asked to end gives back what he leads, and ends well. */
export const drainedAtEnd: Invariant = {
  id: 'I15b',
  title: 'after SIGTERM no lease is held and every process ended well',
  check: ({ heldLeases, badEnds }) => [...heldLeases.map((lease) => `${lease} is still held`), ...badEnds],
};
