// What the fields of a published fact hold follows from their names, in every proto of ours. A fact that decodes may still
// hold anything, and what is taken in is folded into typed columns: one wrong id there would stop every read model.

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DATE = /^(?!0000)\d{4}-\d\d-\d\d$/;
const AMOUNT = /^(-?\d{1,18})?$/; // nothing where nobody agreed on one
const PRICE = /^(\d{1,18})?$/;
const MOST_INT = 2 ** 31 - 1; // what a column for counts holds

// Names that people give, not ids of ours.
const OWN_WORDS = new Set(['criterionId', 'criterionIds', 'milestoneId', 'activityId', 'sourceId', 'externalId']);

const isUuid = (text: string): boolean => UUID.test(text);
const isDate = (text: string): boolean =>
  DATE.test(text) && new Date(`${text}T00:00:00Z`).getUTCDate() === Number(text.slice(8));
const isInstant = (text: string): boolean => isDate(text.slice(0, 10)) && !Number.isNaN(Date.parse(text));
const isAmount = (text: string): boolean => AMOUNT.test(text);
const isPrice = (text: string): boolean => PRICE.test(text);

type Rule = readonly [ending: RegExp, isRight: (text: string) => boolean, what: string];
const RULES: readonly Rule[] = [
  [/(Id|Ids)$/, isUuid, 'id'],
  [/On$/, isDate, 'date'],
  [/At$/, isInstant, 'time'],
  [/^priceMinor$/, isPrice, 'price'],
  [/Minor$/, isAmount, 'amount'],
];

const ruleOf = (name: string): Rule | undefined =>
  OWN_WORDS.has(name) ? undefined : RULES.find(([ending]) => ending.test(name));

const faultOfText = (name: string, text: string): string | undefined => {
  if (text.includes('\0')) return `${name} has a character that nothing can store`;
  const rule = ruleOf(name);
  return rule && !rule[1](text) ? `${name} is no ${rule[2]}` : undefined;
};

const faultOf = (name: string, value: unknown): string | undefined => {
  if (typeof value === 'string') return faultOfText(name, value);
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) <= MOST_INT ? undefined : `${name} is out of range`;
  if (Array.isArray(value)) return first(value, (item) => faultOf(name, item));
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) ? faultIn(value) : undefined;
};

const first = <T>(items: readonly T[], faultOfItem: (item: T) => string | undefined): string | undefined => {
  for (const item of items) {
    const fault = faultOfItem(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

/** What is wrong with a decoded fact, naming the field and never its content; undefined when nothing is. */
export const faultIn = (data: object): string | undefined =>
  first(Object.entries(data), ([name, value]) => faultOf(name, value));
