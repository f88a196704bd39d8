#!/usr/bin/env node
// Counts every expected figure of the Open University report straight from the files, to check the import against.
// It shares no code with the importer on purpose and reads CSV on its own. Days are plain numbers, but for the month of a bill.
// Usage: node count-from-files.mjs <folder>   prints JSON
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = process.argv[2];
if (!folder) {
  console.error('usage: count-from-files.mjs <folder with the data set>');
  process.exit(2);
}

/** The rows of a table as objects of text. No field of this data set holds a quote, a comma or a line end. */
const table = (name) => {
  const plain = join(folder, `${name}.csv`);
  const text = (existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`))).toString('utf8');
  const [header, ...lines] = text.split('\r\n').filter((line) => line !== '');
  const cells = (line) => line.slice(1, -1).split('","');
  const names = cells(header);
  return lines.map((line) => {
    const values = cells(line);
    if (values.length !== names.length) throw new Error(`${name}: a line of ${values.length} cells`);
    return Object.fromEntries(names.map((column, i) => [column, values[i]]));
  });
};

const isThere = (name) => ['.csv', '.csv.gz'].some((end) => existsSync(join(folder, name + end)));
const day = (text) => (text === '?' ? null : Number(text));
const scopeOf = (row) => `${row.code_module}/${row.code_presentation}`;
const keyOf = (row) => `${scopeOf(row)}/${row.id_student}`;

const lengths = new Map(table('courses').map((row) => [scopeOf(row), Number(row.module_presentation_length)]));
const presentationOf = new Map(table('assessments').map((row) => [row.id_assessment, scopeOf(row)]));
const undatedAssessments = table('assessments').filter((row) => row.date === '?').length;
const dates = new Map(table('studentRegistration').map((row) => [keyOf(row), row]));

const goals = table('studentInfo').map((row) => {
  const scope = scopeOf(row);
  const { date_registration, date_unregistration } = dates.get(keyOf(row));
  const goal = { scope, module: row.code_module, student: row.id_student, result: row.final_result };
  return { ...goal, from: day(date_registration), until: day(date_unregistration), end: lengths.get(scope) };
});

/** Hundredths of a percent, a half rounded up, in whole numbers only; null when there is nothing to divide by. */
const rate = (part, whole) => (whole === 0 ? null : Math.floor((2 * 10000 * part + whole) / (2 * whole)));

const attainment = (some) => {
  const of = (...results) => some.filter((goal) => results.includes(goal.result)).length;
  const [attained, missed, withdrawn] = [of('Pass', 'Distinction'), of('Fail'), of('Withdrawn')];
  const rateBasisPoints = rate(attained, some.length);
  const rateWithoutWithdrawnBasisPoints = rate(attained, some.length - withdrawn);
  return { agreed: some.length, attained, missed, withdrawn, rateBasisPoints, rateWithoutWithdrawnBasisPoints };
};

/** The first day on which the outcome shows: the board's from the day after the last, a dated withdrawal from its day. */
const outcomeDay = (goal) => (goal.result === 'Withdrawn' && goal.until !== null ? goal.until : goal.end + 1);

const asOf = (some, on) => {
  const begun = some.filter((goal) => goal.from !== null && goal.from <= on);
  const left = begun.filter((goal) => goal.until !== null && goal.until <= on).length;
  const decided = attainment(begun.filter((goal) => outcomeDay(goal) <= on));
  const { attained, missed, withdrawn } = decided;
  const participation = { registered: begun.length, left, open: begun.length - left };
  return { ...participation, agreed: begun.length, attained, missed, withdrawn };
};

const daysOf = (end) => ({ 0: 0, 30: 30, 60: 60, 100: 100, 150: 150, 200: 200, end, dayAfter: end + 1 });

const scopes = [...lengths.keys()].sort();
const modules = [...new Set(scopes.map((scope) => scope.split('/')[0]))];
const within = (test) => attainment(goals.filter(test));
const attainments = () => ({
  ...Object.fromEntries(scopes.map((scope) => [scope, within((goal) => goal.scope === scope)])),
  ...Object.fromEntries(modules.map((module) => [module, within((goal) => goal.module === module)])),
  all: attainment(goals),
});
const figures = {
  attainment: attainments(),
  asOf: Object.fromEntries(
    scopes.map((scope) => {
      const some = goals.filter((goal) => goal.scope === scope);
      const rows = Object.entries(daysOf(lengths.get(scope))).map(([label, on]) => [label, asOf(some, on)]);
      return [scope, Object.fromEntries(rows)];
    }),
  ),
};

const submissions = table('studentAssessment').map((row) => {
  const goal = `${presentationOf.get(row.id_assessment)}/${row.id_student}`;
  return { goal, on: Number(row.date_submitted), banked: row.is_banked === '1', score: row.score };
});
const byKey = new Map(goals.map((goal) => [`${goal.scope}/${goal.student}`, goal]));
const submitted = new Set(submissions.map(({ goal }) => goal));
const many = (test) => goals.filter(test).length;
const manySubmissions = (test) => submissions.filter((one) => test(one, byKey.get(one.goal))).length;
const passed = (goal) => goal.result === 'Pass' || goal.result === 'Distinction';

// A bill of 49.90 EUR for each pass, in the month in which the result shows; VAT of 25.5 % once a bill, a half rounded up.
const price = 4990;
const monthOf = ({ scope, end }) => {
  const [, year, letter] = /\/(\d{4})([BJ])$/.exec(scope);
  return new Date(Date.UTC(Number(year), letter === 'B' ? 1 : 9, 1 + end + 1)).toISOString().slice(0, 7);
};
const vat = (net) => Math.sign(net) * Math.floor((2 * Math.abs(net) * 255 + 1000) / 2000);
const bill = (charges, netMinor = charges * price) => {
  return { lines: charges, netMinor, vatMinor: vat(netMinor), grossMinor: netMinor + vat(netMinor) };
};
const billed = goals.filter(passed);
const months = [...new Set(billed.map(monthOf))].sort();
const statements = Object.fromEntries(
  months.map((month) => [month, bill(billed.filter((goal) => monthOf(goal) === month).length)]),
);
const total = (of) => Object.values(statements).reduce((sum, one) => sum + one[of], 0);
const all = Object.fromEntries(['lines', 'netMinor', 'vatMinor', 'grossMinor'].map((of) => [of, total(of)]));
const commitment = (scope) => {
  const promised = goals.filter((goal) => goal.scope === scope);
  const attained = promised.filter(passed).length;
  const threshold = promised.length - Math.floor(promised.length / 2);
  const status = attained >= threshold ? 'met' : 'missed';
  return { promised: promised.length, threshold, attained, status, billedMinor: attained * price };
};
const commitments = () => Object.fromEntries(scopes.map((scope) => [scope, commitment(scope)]));
const money = { statements, all, commitments: commitments() };

// A minute a click, at most 600 a day of a person in a presentation; only of presentations whose clicks are there.
const clicksOf = (scope) => {
  const days = new Map();
  for (const row of table(`studentVle_${scope.replace('/', '_')}`)) {
    const key = `${row.id_student} ${row.date}`;
    days.set(key, (days.get(key) ?? 0) + Number(row.sum_click));
  }
  return [...days].map(([key, clicks]) => {
    const [student, on] = key.split(' ');
    return { goal: `${scope}/${student}`, student, on: Number(on), clicks };
  });
};
const timed = scopes.filter((scope) => isThere(`studentVle_${scope.replace('/', '_')}`));
const entries = Object.fromEntries(timed.map((scope) => [scope, clicksOf(scope)]));
const everyEntry = Object.values(entries).flat();
const timeOf = (some) => ({
  persons: new Set(some.map(({ student }) => student)).size,
  entries: some.length,
  clicks: some.reduce((sum, { clicks }) => sum + clicks, 0),
  minutes: some.reduce((sum, { clicks }) => sum + (clicks > 600 ? 600 : clicks), 0),
});
const time = Object.fromEntries(timed.map((scope) => [scope, timeOf(entries[scope])]));
const manyEntries = (test) => everyEntry.filter(test).length;

const oddRows = {
  'registration-without-date': many((goal) => goal.from === null),
  'withdrawn-without-date': many((goal) => goal.result === 'Withdrawn' && goal.until === null),
  'left-before-first-day': many((goal) => goal.until !== null && goal.until < 0),
  'left-on-registration-day': many((goal) => goal.until !== null && goal.until === goal.from),
  'left-after-the-end': many((goal) => goal.until !== null && goal.until > goal.end),
  'failed-although-left': many((goal) => goal.result === 'Fail' && goal.until !== null),
  'passed-without-submission': many((goal) => passed(goal) && !submitted.has(`${goal.scope}/${goal.student}`)),
  'submission-after-leaving': manySubmissions(({ on }, { until }) => until !== null && on > until),
  'submission-after-the-end': manySubmissions(({ on }, { end }) => on > end),
  'submission-without-registration-date': manySubmissions((_, { from }) => from === null),
  'submission-without-score': manySubmissions(({ score }) => score === '?'),
  banked: manySubmissions(({ banked }) => banked),
  'banked-before-registration': manySubmissions(({ banked, on }, { from }) => banked && from !== null && on < from),
  'assessment-without-date': undatedAssessments,
  'time-before-first-day': manyEntries(({ on }) => on < 0),
  'time-after-leaving': manyEntries(({ goal, on }) => byKey.get(goal).until !== null && on > byKey.get(goal).until),
  'time-over-ten-hours': manyEntries(({ clicks }) => clicks > 600),
  'minutes-over-ten-hours': timeOf(everyEntry).clicks - timeOf(everyEntry).minutes,
};

const persons = new Set(goals.map((goal) => goal.student)).size;
const totals = { persons, goals: goals.length, submissions: submissions.length };
const leavings = many((goal) => goal.until !== null);

// The first hundred passes of the file are taken back after the bills: they are no result any more, and decided as nothing.
const takenBack = billed.slice(0, 100);
for (const goal of takenBack) goal.result = 'taken back';
const { lines, ...amounts } = bill(takenBack.length, -takenBack.length * price);
const corrected = { attainment: attainments(), commitments: commitments(), reversals: { lines, ...amounts } };

const counted = {
  totals: { ...totals, leavings, entries: everyEntry.length },
  figures,
  money,
  time,
  corrected,
  oddRows,
};
console.log(JSON.stringify(counted, null, 1));
