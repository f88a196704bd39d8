import type { Effort } from './effort';
import type { BenchServer } from './machine/server';
import type { Chapter } from './report/chapter';

/** What a part gets to work with. `say` tells how far it came. */
export type Bench = Readonly<{ server: BenchServer; effort: Effort; say: (detail: string) => void }>;

/** One part of a run, which can also be run alone. */
export type Part = Readonly<{ name: string; title: string; run: (bench: Bench) => Promise<Chapter> }>;
