import { moneyText } from '../../domain/money';
import { basisText } from '../../figures/basis-text';
import type { Basis } from '../../figures/question';
import { tableText } from '../../texts/table';
import type { Standing } from './list-commitments.query';

const HEAD = ['commitment', 'status', 'due', 'attained', 'threshold', 'promised', 'open', 'price', 'billed'];

/** Commitments as a table to read. */
export const commitmentsText = (commitments: readonly Standing[], basis: Basis): string => {
  const rows = commitments.map((each) => [
    each.name,
    each.status,
    each.dueOn,
    String(each.attained),
    String(each.threshold),
    String(each.promised),
    String(each.open),
    each.priceMinor === undefined ? '-' : moneyText(Number(each.priceMinor), each.currency),
    moneyText(Number(each.billedMinor), each.currency),
  ]);
  return ['Commitments', basisText(basis), '', ...tableText([HEAD, ...rows]), ''].join('\n');
};
