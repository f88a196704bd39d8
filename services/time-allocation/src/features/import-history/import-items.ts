import { DomainError } from '@oppi/event-sourcing';
import { loadContract, type OperationType, shaperOf } from '@oppi/service';
import type { Item } from './history-import';

type Importable = Readonly<{
  operation: OperationType;
  shape: (decoded: Record<string, unknown>) => Record<string, unknown>;
}>;

/** Reads the commands of a run: the oneof names the operation, whose message is shaped as for its own rpc. */
export class ImportItems {
  private readonly known: ReadonlyMap<string, Importable>;

  /** `operations` by their field in `ImportItem`. */
  constructor(operations: Readonly<Record<string, OperationType>>) {
    const definition = loadContract({
      service: 'time_allocation.v1.TimeAllocationService',
      protos: ['time_allocation/v1/time_allocation_service.proto'],
    });
    this.known = new Map(
      Object.entries(operations).map(([field, operation]) => {
        const message = `time_allocation.v1.${field.charAt(0).toUpperCase()}${field.slice(1)}Request`;
        return [field, { operation, shape: shaperOf(definition, message) }];
      }),
    );
  }

  read(item: { command?: string } & Record<string, unknown>): Item {
    const importable = this.known.get(item.command ?? '');
    if (!importable) throw new DomainError('invalid', 'import-malformed', 'Each item is one command.');
    const {
      organisationId: _run,
      expectedVersion: _never,
      ...input
    } = importable.shape(item[String(item.command)] as Record<string, unknown>);
    return { operation: importable.operation, input };
  }
}
