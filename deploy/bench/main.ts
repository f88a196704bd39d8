import { append } from './append/append.part';
import { EFFORTS } from './effort';
import { BenchServer } from './machine/server';
export const main = async (args: string[]): Promise<number> => {
  const server = await BenchServer.start();
  const effort = args.includes('--quick') ? EFFORTS.quick : EFFORTS.whole;
  const chapter = await append.run({ server, effort, say: console.log });
  console.log(
    chapter.tables.map((t) => [t.head, ...t.rows].map((r) => r.join(' | ')).join('\n')).join('\n'),
    chapter.aims,
  );
  await server.remove();
  return 0;
};
