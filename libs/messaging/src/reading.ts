import type { Message } from './bus';
import type { Envelope } from './envelope';
import { type Known, readEnvelope } from './envelope-reading';
import { faultIn } from './published-fields';

/** By `ce_type`, how the value of a message is decoded. Throws when it cannot be. Types that are not here are not handled. */
export type Decoders = Readonly<Record<string, (value: Uint8Array) => object>>;

/** What a message turned out to be. */
export type Reading =
  | Readonly<{ kind: 'event'; envelope: Envelope }>
  /** Well-formed, but of a type that nobody here handles. */
  | Readonly<{ kind: 'unhandled'; envelope: Envelope }>
  | Readonly<{ kind: 'refused'; reason: string; known: Known }>;

/** Reads a message to the end, value included: what is taken in can be decoded again later, and folded. */
export const readMessage = (message: Message, decoders: Decoders): Reading => {
  const reading = readEnvelope(message);
  if (reading.kind === 'refused') return reading;
  const { envelope } = reading;
  const decode = decoderFor(decoders, envelope.type);
  if (!decode) return { kind: 'unhandled', envelope };
  try {
    const fault = faultIn(decode(message.value));
    if (fault === undefined) return { kind: 'event', envelope };
    return { kind: 'refused', reason: `${fault} in a ${envelope.type}`, known: envelope };
  } catch {
    // The decoder's own words may quote what it was given.
    return { kind: 'refused', reason: `the value is no ${envelope.type}`, known: envelope };
  }
};

/** The decoder of a type, never one that an object has by nature. */
export const decoderFor = (decoders: Decoders, type: string): ((value: Uint8Array) => object) | undefined =>
  Object.hasOwn(decoders, type) ? decoders[type] : undefined;
