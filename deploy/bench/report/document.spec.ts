import type { Chapter } from './chapter';
import { documentOf, summaryText } from './document';

const chapter = (met: boolean): Chapter => ({
  title: 'Appending',
  how: ['All in turns.', 'On one server.'],
  tables: [{ head: ['', 'a second'], rows: [['ours', '12,000']] }],
  aims: [{ aim: 'at least 0.8', found: '0.75', met, cause: 'One thread prepares.' }],
  pictures: [{ name: 'append', title: 'Appends a second', svg: '<svg/>' }],
});
const documentWith = (...chapters: Chapter[]): string =>
  documentOf({
    date: '2026-11-26 22:00 UTC',
    effort: 'whole',
    minutes: 11,
    machine: ['2 cores', 'fsync on'],
    chapters,
  });

describe('the document of a run', () => {
  it('says when and on what, and how each figure was made', () => {
    const text = documentWith(chapter(true));
    expect(text).toContain('of 11 minutes, 2026-11-26 22:00 UTC');
    expect(text).toContain('- 2 cores\n- fsync on\n');
    expect(text).toContain(
      '## Appending\n\nAll in turns.\n\nOn one server.\n\n|  | a second |\n| --- | ---: |\n| ours | 12,000 |',
    );
    expect(text).toContain('![Appends a second](benchmarks/append.svg)');
  });
  it('names a missed aim with its cause', () => {
    const text = documentWith(chapter(false));
    expect(text).toContain('| at least 0.8 | 0.75 | **missed** |');
    expect(text).toContain('- *at least 0.8*: One thread prepares.');
  });
  it('says nothing of causes when every aim was met', () => {
    expect(documentWith(chapter(true))).not.toContain('One thread prepares.');
  });
  it('puts the aims of all chapters together', () => {
    expect(documentWith(chapter(true), chapter(false)).match(/at least 0\.8 \|/g)).toHaveLength(2);
  });
});

describe('what a terminal shows', () => {
  it('has tables and aims but no pictures', () => {
    const text = summaryText([chapter(false)]);
    expect(text).toContain('| ours | 12,000 |');
    expect(text).toContain('**missed**');
    expect(text).not.toContain('.svg');
    expect(text).not.toContain('All in turns.');
  });
  it('says why a part was not measured', () => {
    const failed = { title: 'Idle', how: ['Not measured: no pgbench.'], tables: [], aims: [], failed: true };
    expect(summaryText([failed])).toBe('Idle\n\nNot measured: no pgbench.');
  });
});
