import type { Decoders, InboxEvent } from '@oppi/messaging';
import type { Rule } from '@oppi/projections';

type Message = { decode(value: Uint8Array): object };

/** How to read the facts that a service takes in from one package of contracts; others are counted and passed over. */
export const decodersOf = (contracts: string, messages: Readonly<Record<string, Message>>): Decoders =>
  Object.fromEntries(
    Object.entries(messages).map(([name, message]) => [
      `${contracts}.${name}`,
      (value: Uint8Array) => message.decode(value),
    ]),
  );

/** A fact from the inbox, with what its message says. */
export type Fact<D> = Omit<InboxEvent, 'data'> & Readonly<{ data: D }>;

/** A rule for one type of fact, whose data has the type that its decoder gives. */
export const whenFact = <Row extends object, D extends object>(rule: {
  key: (fact: Fact<D>) => Partial<Row> | readonly Partial<Row>[];
  row: (row: Row | undefined, fact: Fact<D>, key: Partial<Row>) => Row | undefined;
}): Rule<Row, InboxEvent> => rule as unknown as Rule<Row, InboxEvent>;
