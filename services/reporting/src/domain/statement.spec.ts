import { specFor } from '@oppi/event-sourcing/testing';
import { commitmentStatus } from './commitment-status';
import { issueStatement, statement, type StatementIssued, totalsOf } from './statement';

const { given } = specFor(statement);
const facts: StatementIssued['data'] = {
  period: '2026-03',
  statementNo: 1,
  sha256: 'f'.repeat(64),
  netMinor: 1,
  vatMinor: 0,
  grossMinor: 1,
  currency: 'EUR',
  lines: 1,
};

describe('a statement', () => {
  it('P9: is issued once; again changes nothing', () => {
    const issued = { type: 'StatementIssued', data: facts } as const;
    given()
      .when((state) => issueStatement(state, facts))
      .then(issued);
    given(issued)
      .when((state) => issueStatement(state, { ...facts, sha256: '0'.repeat(64) }))
      .thenNothing();
  });
  it('B9 B12: comes to charges less reversals, per commitment and per rate', () => {
    const group = { commitmentId: 'c-1', vatRateBasisPoints: 2550 };
    const totals = totalsOf(
      [
        { ...group, kind: 'charge', lines: 3, amountMinor: 14_970 },
        { ...group, kind: 'reversal', lines: 1, amountMinor: -4990 },
        { kind: 'charge', commitmentId: 'c-0', vatRateBasisPoints: 0, lines: 1, amountMinor: 100 },
      ],
      new Map([['c-1', 'One']]),
    );
    expect(totals).toEqual({
      netMinor: 10_080,
      vatMinor: 2545,
      grossMinor: 12_625,
      vat: [
        { rateBasisPoints: 0, netMinor: 100, vatMinor: 0 },
        { rateBasisPoints: 2550, netMinor: 9980, vatMinor: 2545 },
      ],
      commitments: [
        { commitmentId: 'c-0', name: '', charges: 1, reversals: 0, netMinor: 100 },
        { commitmentId: 'c-1', name: 'One', charges: 3, reversals: 1, netMinor: 9980 },
      ],
    });
  });
});

describe('a commitment', () => {
  it.each([
    ['2026-09-30', 1, 'running'], // the due date counts to its end
    ['2026-10-01', 1, 'missed'],
    ['2026-10-01', 2, 'met'],
    ['2026-01-01', 3, 'met'],
  ])('A4 A10: on %s with %i of 2 attained is %s', (on, attained, status) => {
    expect(commitmentStatus({ attained, threshold: 2, dueOn: '2026-09-30' }, on)).toBe(status);
  });
});
