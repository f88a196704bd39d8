import type { BusName } from '../local/bus';
import type { Effort } from './effort';
import type { BenchServer } from './machine/server';
import type { Product } from './product/product';
import type { Chapter } from './report/chapter';

/** What a part gets to work with. */
export type Bench = Readonly<{
  server: BenchServer;
  effort: Effort;
  /** Starts the product; the part stops it. */
  startProduct: (bus: BusName) => Promise<Product>;
  /** Why Kafka cannot be had here, in a sentence; undefined when it can. */
  withoutKafka: string | undefined;
  /** Tells how far it came. */
  say: (detail: string) => void;
}>;

/** One part of a run, which can also be run alone. */
export type Part = Readonly<{ name: string; title: string; run: (bench: Bench) => Promise<Chapter> }>;

/** What was found on each bus; `missing` says in a sentence why one was left out. */
export type OnEachBus<T> = Readonly<{ found: Readonly<{ embedded: T; kafka?: T }>; missing: readonly string[] }>;

/** Measures a product of its own on the embedded bus and, where it can be had, on Kafka. */
export const onEachBus = async <T>(
  { startProduct, withoutKafka }: Bench,
  measure: (product: Product, bus: BusName) => Promise<T>,
): Promise<OnEachBus<T>> => {
  const on = async (bus: BusName): Promise<T> => {
    const product = await startProduct(bus);
    try {
      return await measure(product, bus);
    } finally {
      await product.stop();
    }
  };
  const embedded = await on('embedded');
  if (withoutKafka !== undefined) return { found: { embedded }, missing: [`Not measured on Kafka. ${withoutKafka}`] };
  try {
    return { found: { embedded, kafka: await on('kafka') }, missing: [] };
  } catch (error) {
    // What was found on the embedded bus is not thrown away for it; the document says what happened.
    return { found: { embedded }, missing: [`Measuring on Kafka failed: ${(error as Error).message}`] };
  }
};
