import { fixedUuid } from '../../local/roles';

/** A client organisation of the load. Two of the same `space` use the very same ids and idempotency keys. */
export type Client = Readonly<{
  tag: string;
  organisationId: string;
  space: string;
  /** Stands in every personal text of this organisation, and must be seen nowhere in the clear. */
  secret: string;
  /** Stands in its team names: public inside the organisation, and nobody else's business. */
  name: string;
}>;

/** Two with equal ids, which must never meet, and two of their own. */
const SPACES: readonly (readonly [tag: string, space: string])[] = [
  ['north', 'twin'],
  ['south', 'twin'],
  ['east', 'east'],
  ['west', 'west'],
];

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The clients of a load, and what belongs to whom. */
export class World {
  readonly clients: readonly Client[];
  private readonly owners = new Map<string, string>();

  constructor(seed: number) {
    this.clients = SPACES.map(([tag, space]) => ({
      tag,
      organisationId: fixedUuid(`faultlab ${seed} ${tag}`),
      space: `faultlab ${seed} ${space}`,
      secret: `Zq${tag}personal`,
      name: `Tq${tag}team`,
    }));
  }

  /** The id of a client's thing, the same each time. */
  idOf({ space }: Client, kind: string, number: number): string {
    const id = fixedUuid(`${space} ${kind} ${number}`);
    this.owners.set(id, space);
    return id;
  }

  /** What an answer to one client shows of another; undefined when nothing. */
  leakIn(to: Client, text: string): string | undefined {
    const others = this.clients.filter((client) => client !== to);
    const marks = others.flatMap(({ secret, name, organisationId }) => [secret, name, organisationId]);
    const foreign = (id: string): boolean => (this.owners.get(id) ?? to.space) !== to.space;
    return marks.find((mark) => text.includes(mark)) ?? text.match(UUID)?.find(foreign);
  }
}
