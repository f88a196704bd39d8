import { DomainError } from '@oppi/event-sourcing';
import { loadContract, type OperationType, shaperOf } from '@oppi/service';

type ItemInput = Record<string, unknown> & { requestId?: string };

/** One command of a run: the operation, its input as the client sent it, and what it must not overtake another on. */
export type Item = Readonly<{ operation: OperationType; input: ItemInput; aggregate: string }>;

/** What a service lets a bulk import bring. */
export type Importable = Readonly<{
  /** The proto service, whose package has the commands' messages: `goal.v1.GoalService`. */
  grpcService: string;
  protos: readonly string[];
  /** The commands, by their field in `ImportItem`. */
  operations: Readonly<Record<string, OperationType>>;
  /** Names the aggregate by an input's ids: commands of one kind wait for each other only on the same one. */
  aggregateOf: (ids: Readonly<Record<string, string | undefined>>) => string;
}>;

type Known = Readonly<{
  operation: OperationType;
  shape: (decoded: Record<string, unknown>) => Record<string, unknown>;
}>;

/** Reads the commands of a run: the oneof names the operation, whose message is shaped as for its own rpc. */
export class ImportItems {
  private readonly known: ReadonlyMap<string, Known>;
  private readonly aggregateOf: Importable['aggregateOf'];

  constructor({ grpcService, protos, operations, aggregateOf }: Importable) {
    const definition = loadContract({ service: grpcService, protos });
    const contracts = grpcService.slice(0, grpcService.lastIndexOf('.'));
    this.aggregateOf = aggregateOf;
    this.known = new Map(
      Object.entries(operations).map(([field, operation]) => {
        const message = `${contracts}.${field.charAt(0).toUpperCase()}${field.slice(1)}Request`;
        return [field, { operation, shape: shaperOf(definition, message) }];
      }),
    );
  }

  read(item: { command?: string } & Record<string, unknown>): Item {
    const known = this.known.get(item.command ?? '');
    if (!known) throw new DomainError('invalid', 'import-malformed', 'Each item is one command.');
    const {
      organisationId: _run,
      expectedVersion: _never,
      ...input
    } = known.shape(item[String(item.command)] as Record<string, unknown>);
    // What identifies is text in every message.
    const aggregate = this.aggregateOf(input as Record<string, string | undefined>);
    return { operation: known.operation, input, aggregate };
  }
}
