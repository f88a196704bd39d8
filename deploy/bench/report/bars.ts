import { rate } from './text';

/** One bar; the emphasised ones are ours. */
export type Bar = Readonly<{ label: string; value: number; emphasised?: boolean }>;

/** What to draw; `line` marks a value that was aimed at. */
export type Bars = Readonly<{ title: string; bars: readonly Bar[]; line?: Readonly<{ label: string; value: number }> }>;

const WIDTH = 720;
const LABELS = 230;
const ROOM_FOR_VALUES = 70;
const TOP = 44;
const STEP = 30;
const THICKNESS = 18;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${x}" y="${y}" ${more}>${escaped(content)}</text>`;

/** Horizontal bars as an SVG, readable on light and dark pages. */
export const bars = ({ title, bars: all, line }: Bars): string => {
  const most = Math.max(...all.map(({ value }) => value), line?.value ?? 0);
  const lengthOf = (value: number): number => Math.round((value / most) * (WIDTH - LABELS - ROOM_FOR_VALUES));
  const bottom = TOP + all.length * STEP;
  const drawn = all.flatMap(({ label, value, emphasised }, i) => {
    const y = TOP + i * STEP;
    const length = lengthOf(value);
    const middle = y + THICKNESS - 4;
    return [
      text(LABELS - 8, middle, label, 'text-anchor="end"'),
      `<rect x="${LABELS}" y="${y}" width="${length}" height="${THICKNESS}" rx="2" fill="${emphasised ? '#1f6feb' : '#8b949e'}"/>`,
      text(LABELS + length + 6, middle, rate(value)),
    ];
  });
  const mark = line
    ? [
        `<line x1="${LABELS + lengthOf(line.value)}" y1="${TOP - 8}" x2="${LABELS + lengthOf(line.value)}" y2="${bottom}" stroke="#cf222e" stroke-dasharray="4 3"/>`,
        text(LABELS + lengthOf(line.value), bottom + 14, line.label, 'text-anchor="middle"'),
      ]
    : [];
  const height = bottom + (line ? 24 : 8);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="13" fill="#57606a">`,
    text(8, 22, title, 'font-size="15" font-weight="600"'),
    ...drawn,
    ...mark,
    '</svg>',
    '',
  ].join('\n');
};
