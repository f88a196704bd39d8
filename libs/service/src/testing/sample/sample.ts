import { CommandHandler, type ICommandHandler, type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { Controller, Module } from '@nestjs/common';
import { GrpcStreamCall } from '@nestjs/microservices';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type CommandContext, DomainError, type ErrorKind, StaleVersion } from '@oppi/event-sourcing';
import { z } from 'zod';
import { callerOf } from '../../auth-guard';
import { currentPatience } from '../../patience';
import { Allow } from '../../policy';
import { command, type OutputOf, query, Operation } from '../../operation';
import { type Accepted, code, instant, organisationId, pageLimit, text, uuid } from '../../fields';

const branch = z.strictObject({ name: text(20), lengthCm: z.int().min(0), leaves: z.int().min(0).optional() });
const tree = z.strictObject({
  treeId: uuid,
  kind: code,
  heightCm: z.int().min(0).max(10_000),
  evergreen: z.boolean().default(false),
  branches: z.array(branch).default([]),
});

@Operation({
  rpc: 'PlantTree',
  http: 'POST /organisations/:organisationId/trees',
  allow: ['operations', 'manager', 'integration'],
  summary: 'Plants a tree.',
})
export class PlantTree extends command(
  tree.extend({ organisationId, occurredAt: instant.optional(), note: text(40).optional() }),
) {}

@Operation({
  rpc: 'PruneTree',
  http: 'POST /organisations/:organisationId/trees/:treeId/prune',
  allow: ['operations', 'manager'],
  version: 'required',
  summary: 'Prunes a tree.',
})
export class PruneTree extends command(z.strictObject({ organisationId, treeId: uuid })) {}

@Operation({
  rpc: 'GetTree',
  http: 'GET /organisations/:organisationId/trees/:treeId',
  allow: ['operations', 'manager', 'learner'],
  summary: 'Reads a tree.',
})
export class GetTree extends query(
  z.strictObject({ organisationId, treeId: uuid }),
  tree.extend({ plantedAt: instant, note: z.string().optional(), version: z.int32() }),
) {}

@Operation({
  rpc: 'ListTrees',
  http: 'GET /organisations/:organisationId/trees',
  allow: ['operations', 'manager'],
  summary: 'Lists trees.',
})
export class ListTrees extends query(
  z.strictObject({ organisationId, limit: pageLimit, evergreen: z.boolean().optional() }),
  z.strictObject({ treeIds: z.array(uuid) }),
) {}

@Operation({
  rpc: 'Fail',
  http: 'GET /organisations/:organisationId/failures/:how',
  allow: ['operations'],
  summary: 'Fails.',
})
export class Fail extends query(
  z.strictObject({ organisationId, how: z.string() }),
  z.strictObject({ how: z.string() }),
) {}

export const sampleOperations = [PlantTree, PruneTree, GetTree, ListTrees, Fail];

type Stored = OutputOf<typeof GetTree> & { organisationId: string; contexts: CommandContext[] };

/** What the handlers keep, in memory: this service shows the wires, not the store. */
export class Orchard {
  readonly trees = new Map<string, Stored>();
  private readonly answers = new Map<string, { fingerprint: string; answer: Accepted }>();
  /** When set, commands wait for it before they answer. */
  gate: Promise<void> = Promise.resolve();
  readonly arrived: (() => void)[] = [];
  /** Commands that have arrived. */
  begun = 0;
  /** How long the caller of the last command waits. */
  leftMs: number | undefined;

  find(organisationId: string, treeId: string): Stored {
    const found = this.trees.get(treeId);
    if (found?.organisationId !== organisationId) throw new DomainError('not-found', 'tree-not-found', 'No such tree.');
    return found;
  }

  once({ commandId, fingerprint }: CommandContext, change: () => number): Accepted {
    const known = this.answers.get(commandId);
    if (known?.fingerprint === fingerprint) return { ...known.answer, replayed: true };
    if (known) throw new DomainError('conflict', 'key-in-use', 'This key was used for something else.');
    const answer = { version: change(), position: String(this.answers.size + 1), replayed: false };
    this.answers.set(commandId, { fingerprint, answer });
    return answer;
  }
}

@CommandHandler(PlantTree)
class PlantTreeHandler implements ICommandHandler<PlantTree> {
  constructor(private readonly orchard: Orchard) {}

  async execute({ input, context }: PlantTree): Promise<Accepted> {
    this.orchard.begun += 1;
    this.orchard.leftMs = currentPatience()?.leftMs;
    this.orchard.arrived.splice(0).forEach((tell) => tell());
    await this.orchard.gate;
    return this.orchard.once(context, () => {
      if (this.orchard.trees.has(input.treeId)) throw new DomainError('conflict', 'tree-planted', 'It stands already.');
      const { treeId, kind, heightCm, evergreen, branches, organisationId, note } = input;
      const plantedAt = context.occurredAt;
      const noted = note === undefined ? {} : { note };
      const about = { treeId, kind, heightCm, evergreen, branches, plantedAt, ...noted, version: 1, organisationId };
      this.orchard.trees.set(treeId, { ...about, contexts: [context] });
      return 1;
    });
  }
}

@CommandHandler(PruneTree)
class PruneTreeHandler implements ICommandHandler<PruneTree> {
  constructor(private readonly orchard: Orchard) {}

  async execute({ input, context }: PruneTree): Promise<Accepted> {
    const found = this.orchard.find(input.organisationId, input.treeId);
    return this.orchard.once(context, () => {
      if (context.expectedVersion !== found.version) throw new StaleVersion(found.version);
      found.contexts.push(context);
      return (found.version += 1);
    });
  }
}

@QueryHandler(GetTree)
class GetTreeHandler implements IQueryHandler<GetTree> {
  constructor(private readonly orchard: Orchard) {}

  async execute({ input }: GetTree): Promise<OutputOf<typeof GetTree>> {
    const { organisationId: _, contexts: __, ...shown } = this.orchard.find(input.organisationId, input.treeId);
    return shown;
  }
}

@QueryHandler(ListTrees)
class ListTreesHandler implements IQueryHandler<ListTrees> {
  constructor(private readonly orchard: Orchard) {}

  async execute({ input }: ListTrees): Promise<OutputOf<typeof ListTrees>> {
    const own = [...this.orchard.trees.values()].filter((one) => one.organisationId === input.organisationId);
    const wanted = own.filter(({ evergreen }) => input.evergreen === undefined || evergreen === input.evergreen);
    return { treeIds: wanted.slice(0, input.limit).map(({ treeId }) => treeId) };
  }
}

/** Thrown by `Fail` where it is told `bug`; must not reach a caller. */
export const SECRET = 'SECRET-CANARY';

@QueryHandler(Fail)
class FailHandler implements IQueryHandler<Fail> {
  async execute({ input: { how } }: Fail): Promise<{ how: string }> {
    if (how === 'bug') throw new Error(SECRET);
    if (how === 'database') throw Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' });
    if (how === 'output') return { how, extra: SECRET } as { how: string };
    throw new DomainError(how as ErrorKind, `sample-${how}`, 'As it was told.');
  }
}

/** A stream by hand, as bulk imports are. */
@Controller()
class EchoController {
  @GrpcStreamCall('SampleService', 'Echo')
  @Allow('operations')
  echo(call: ServerDuplexStream<{ word: string }, { word: string; role: string }>): void {
    const { role } = callerOf(call.metadata);
    call.on('data', ({ word }: { word: string }) => call.write({ word, role }));
    call.on('end', () => call.end());
  }
}

const handlers = [PlantTreeHandler, PruneTreeHandler, GetTreeHandler, ListTreesHandler, FailHandler];

@Module({ controllers: [EchoController], providers: [Orchard, ...handlers] })
export class SampleModule {}
