import { DomainError } from '@oppi/event-sourcing';

const MAX_DEPTH = 32;

const malformed = (code: string, message: string): DomainError => new DomainError('invalid', code, message);

// Counts brackets outside strings before anything is built: deep nesting makes recursive code overflow the stack.
const requireShallow = (text: string): void => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x5b || char === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) throw malformed('body-too-deep', `JSON may be nested ${MAX_DEPTH} levels deep.`);
    } else if (char === 0x5d || char === 0x7d) depth -= 1;
  }
};

/**
 * The JSON object in a request body; an empty body is none. Throws `invalid`: `body-malformed` when it is not an object,
 * `body-too-deep` beyond 32 levels.
 */
export const parseJsonBody = (text: string): Record<string, unknown> => {
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
