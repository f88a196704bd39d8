import { describeIfAvailable } from '@oppi/testing';
import { findPgbench } from './append/pgbench';
import { EFFORTS } from './effort';
import { BenchServer } from './machine/server';
import type { Bench, Part } from './part';
import { append } from './parts/append.part';
import { idle } from './parts/idle.part';
import { oneOrganisation } from './parts/one-organisation.part';
import { sizes } from './parts/sizes.part';
import { visible } from './parts/visible.part';
import { wires } from './parts/wires.part';
import { type Product, startProduct } from './product/product';
import type { Chapter } from './report/chapter';

jest.setTimeout(120_000); // ms: the product starts once, and everything is measured once, very shortly

const whyNoPgbench = ((): string | undefined => {
  try {
    findPgbench();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
})();

let server: BenchServer;
beforeAll(async () => {
  server = await BenchServer.start();
});
afterAll(() => server.remove());

const run = (part: Part, startProductOf: Bench['startProduct'] = startProduct): Promise<Chapter> =>
  part.run({
    ...{ server, effort: EFFORTS.smoke, startProduct: startProductOf },
    ...{ withoutKafka: 'Not here.', say: () => undefined },
  });

const numbersOf = ({ tables }: Chapter): number[] =>
  tables.flatMap(({ rows }) =>
    rows.flatMap(([, ...cells]) => cells.map((cell) => parseFloat(cell.replaceAll(',', '')))),
  );

describeIfAvailable('appending', whyNoPgbench === undefined, whyNoPgbench ?? '', () => {
  it('is measured for the reference, for us and for every peer', async () => {
    const chapter = await run(append);
    expect(chapter.tables[0]?.rows.map(([name]) => name)).toEqual([
      'pgbench (the reference)',
      'Oppi, in process',
      'message-db',
      'message-db, 32 categories',
      'pg: begin, insert, commit',
      'TypeORM: save',
    ]);
    // How much each does in so short a time is the machine's affair: a peer may come to a ratio that rounds to nothing.
    expect(numbersOf(chapter).every((number) => number >= 0)).toBe(true);
    const [reference, ours] = chapter.tables[0]?.rows ?? [];
    for (const row of [reference, ours]) expect(parseFloat(row?.[1]?.replaceAll(',', '') ?? '')).toBeGreaterThan(0);
  });
});

describe('the product', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct('embedded');
  });
  afterAll(() => product.stop());
  const shared = (): Promise<Product> => Promise.resolve({ ...product, stop: () => Promise.resolve() });

  it.each([wires, visible, oneOrganisation])('is measured: $title', async (part) => {
    expect(numbersOf(await run(part, shared)).every((number) => number >= 0)).toBe(true);
  });

  it('is measured: what it uses when idle', async () => {
    const chapter = await run(idle, shared);
    expect(chapter.tables[0]?.head).toEqual(expect.arrayContaining(['goal', 'reporting', 'PostgreSQL']));
    expect(numbersOf(chapter).every((number) => number >= 0 && number < 400)).toBe(true);
  });

  it('is measured at a size of the log, where rebuilt tables equal the live ones', async () => {
    const chapter = await run(sizes, shared);
    const cells = chapter.tables.flatMap(({ rows }) => rows.flat());
    expect(cells.filter((cell) => cell === 'yes')).toHaveLength(2);
  });
});
