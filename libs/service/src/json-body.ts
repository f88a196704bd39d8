import { DomainError } from '@oppi/event-sourcing';

const MAX_DEPTH = 32;

const malformed = (code: string, message: string): DomainError => new DomainError('invalid', code, message);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
// By character code: how an opening or closing bracket changes the depth.
const STEPS = new Int8Array(128);
for (const opening of '[{') STEPS[opening.charCodeAt(0)] = 1;
for (const closing of ']}') STEPS[closing.charCodeAt(0)] = -1;

// Counts brackets outside strings before anything is built: deep nesting makes recursive code overflow the stack.
// One pass and no regular expression, which would go over an unclosed string again and again.
const requireShallow = (text: string): void => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) inString = !inString;
    else if (inString && char === BACKSLASH) at += 1;
    else if (!inString) depth += STEPS[char] ?? 0;
    if (depth > MAX_DEPTH) throw malformed('body-too-deep', `JSON may be nested ${MAX_DEPTH} levels deep.`);
  }
};

// A lenient decoder would put a replacement character into what is then kept as the client's own words.
const utf8 = new TextDecoder('utf-8', { fatal: true });

const textOf = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed('body-malformed', 'The body is not UTF-8.');
  }
};

/**
 * The JSON object in a request body; an empty body is none. Throws `invalid`: `body-malformed` when it is not an object in
 * UTF-8, `body-too-deep` beyond 32 levels.
 */
export const parseJsonBody = (bytes: Uint8Array): Record<string, unknown> => {
  const text = textOf(bytes);
  if (text.trim() === '') return {};
  requireShallow(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('body-malformed', 'The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('body-malformed', 'The body has to be a JSON object.');
  return value as Record<string, unknown>;
};
