import { hash } from 'node:crypto';

/**
 * JSON with sorted keys and without what is undefined, so that equal inputs have equal text whatever order
 * a client or a wire wrote them in. Takes plain data only: objects, arrays, strings, finite numbers, booleans, null.
 */
export const canonicalJson = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = value as Record<string, unknown>;
  let text = '';
  for (const key of Object.keys(fields).sort()) {
    if (fields[key] === undefined) continue;
    text += `${text && ','}${JSON.stringify(key)}:${canonicalJson(fields[key])}`;
  }
  return `{${text}}`;
};

/** Hex SHA-256 of an operation and its parsed input: the same over both wires and in an import. */
export const fingerprintOf = (operation: string, input: unknown): string =>
  hash('sha256', `${operation}\n${canonicalJson(input)}`, 'hex');
