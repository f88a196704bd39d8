import type { Aim, Chapter, Table } from './chapter';

/** A run, as the document shows it. */
export type Report = Readonly<{
  /** Such as `2026-11-26 22:05 UTC`. */
  date: string;
  effort: string;
  minutes: number;
  /** What it ran on, a line each. */
  machine: readonly string[];
  chapters: readonly Chapter[];
}>;

const tableText = ({ head, rows }: Table): string =>
  [head, head.map((_cell, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

const aimsText = (aims: readonly Aim[]): string => {
  const table = tableText({
    head: ['aim', 'found', ''],
    rows: aims.map(({ aim, found, met }) => [aim, found, met ? 'met' : '**missed**']),
  });
  const missed = aims.filter(({ met }) => !met).map(({ aim, cause }) => `- *${aim}*: ${cause}`);
  return missed.length === 0 ? table : `${table}\n\nWhy the missed ones were missed:\n\n${missed.join('\n')}`;
};

const chapterText = ({ title, how, tables, pictures = [] }: Chapter): string =>
  [
    `## ${title}`,
    how.join('\n\n'),
    ...tables.map(tableText),
    ...pictures.map(({ name, title: of }) => `![${of}](benchmarks/${name}.svg)`),
  ].join('\n\n');

/** The document of a run, in Markdown. */
export const documentOf = ({ date, effort, minutes, machine, chapters }: Report): string =>
  [
    '# Benchmarks',
    `All from one run (\`npm run bench\`, ${effort}) of ${String(minutes)} minutes, ${date}, on one machine; it is written by the run and not by hand. The ratios are what carries over to other machines. Rates and times are those of the round with the median rate.`,
    machine.map((line) => `- ${line}`).join('\n'),
    '## What was aimed at',
    aimsText(chapters.flatMap(({ aims }) => aims)),
    ...chapters.map(chapterText),
    '',
  ].join('\n\n');

/** The same without Markdown's frame, for a terminal: tables and aims of the chapters. */
export const summaryText = (chapters: readonly Chapter[]): string =>
  chapters
    .map(({ title, how, tables, aims, failed }) =>
      [title, ...(failed ? how : []), ...tables.map(tableText), ...(aims.length > 0 ? [aimsText(aims)] : [])].join(
        '\n\n',
      ),
    )
    .join('\n\n');
