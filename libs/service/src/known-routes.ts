const segmentsOf = (path: string): string[] => (path.split('?')[0] ?? '').split('/');

const fits = (pattern: readonly string[], path: readonly string[]): boolean =>
  pattern.length === path.length &&
  pattern.every((part, i) => part === path[i] || (part.startsWith(':') && path[i] !== ''));

/** The routes of a server, to tell a path that has no such method from one that is not there. */
export class KnownRoutes {
  private readonly patterns = new Map<string, { segments: readonly string[]; methods: Set<string> }>();

  add(pattern: string, methods: readonly string[]): void {
    const known = this.patterns.get(pattern) ?? { segments: segmentsOf(pattern), methods: new Set<string>() };
    methods.forEach((method) => known.methods.add(method));
    this.patterns.set(pattern, known);
  }

  /** The methods that the path of an address has, sorted; none when there is no such path. */
  methodsAt(url: string): string[] {
    const path = segmentsOf(url);
    const found = [...this.patterns.values()].filter(({ segments }) => fits(segments, path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
  }

  /** Every route as `METHOD /path/:field`, sorted. */
  all(): string[] {
    return [...this.patterns]
      .flatMap(([pattern, { methods }]) => [...methods].map((each) => `${each} ${pattern}`))
      .sort();
  }
}
