import type { Invariant } from './invariant';

/** No answer to one organisation shows anything of another. */
export const apart: Invariant = {
  id: 'I11',
  title: 'tenant A never sees B',
  check: ({ records }) =>
    records.flatMap(({ call, answer }) =>
      answer?.leaked === undefined ? [] : [`${call.rpc} showed ${answer.leaked} to ${call.organisationId}`],
    ),
};

/** Names, e-mails and texts lie nowhere in the clear. */
export const sealed: Invariant = {
  id: 'I11b',
  title: 'no personal text in the clear: tables, bus, logs',
  check: ({ plaintext }) => plaintext.map((place) => `${place} holds a personal text`),
};
