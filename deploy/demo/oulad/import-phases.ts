import type { Metadata, ServiceError } from '@grpc/grpc-js';
import type { GetImportResponse } from '@oppi/contracts/goal/v1/goal_service';
import type { Ids } from './ids';
import { importAll, type ImportClient, type ImportTarget, statusOf } from './import-stream';
import { itemsFrom, kindAt, type Phase, type Role, sizeOf } from './phases';
import type { Progress } from './progress';

/** Refused items of one kind for one reason. */
export type Refusals = Readonly<{ phase: string; kind: string; code: string; message: string; count: number }>;

const countRefusals = (phase: Phase<unknown>, { refusals }: GetImportResponse): Refusals[] => {
  const counts = new Map<string, Refusals>();
  for (const { index, code, message } of refusals) {
    const kind = kindAt(phase, Number(index));
    const found = counts.get(`${kind} ${code}`);
    // The message of the first stands for all of its kind and code.
    counts.set(`${kind} ${code}`, {
      phase: phase.name,
      kind,
      code,
      message: found?.message ?? message,
      count: (found?.count ?? 0) + 1,
    });
  }
  return [...counts.values()];
};

const checkComplete = (
  { name }: Phase<unknown>,
  total: number,
  { accepted, replayed, refused }: GetImportResponse,
): void => {
  const results = Number(accepted) + Number(replayed) + Number(refused);
  if (results !== total) throw new Error(`The import ${name} has ${results} results for ${total} items.`);
};

/** Brings phases in, one after the other, and adds up what came of them. */
export class PhaseImporter {
  /** Items of the phases so far, and those of them that were sent by this run. */
  items = 0;
  sent = 0;
  /** Spent on importing alone. */
  seconds = 0;
  refused = 0;
  readonly refusals: Refusals[] = [];

  constructor(
    private readonly ids: Ids,
    private readonly progress: Progress,
    private readonly metadata: (role: Role) => Promise<Metadata>,
  ) {}

  /** Whether everything of these phases is there already. */
  async isThere<Item>(client: ImportClient<Item>, phases: readonly Phase<Item>[]): Promise<boolean> {
    for (const phase of phases)
      if (Number((await statusOf(this.target(client, phase))).nextIndex) < sizeOf(phase)) return false;
    return true;
  }

  async bring<Item>(client: ImportClient<Item>, phases: readonly Phase<Item>[], stage: string): Promise<void> {
    const started = Date.now();
    for (const phase of phases) {
      this.progress.phase(`${stage} ${phase.name}`);
      await this.bringOne(client, phase);
    }
    this.seconds += (Date.now() - started) / 1000;
  }

  private async bringOne<Item>(client: ImportClient<Item>, phase: Phase<Item>): Promise<void> {
    const total = sizeOf(phase);
    const source = { total, from: (index: number) => itemsFrom(phase, index) };
    let begun: number | undefined;
    const state = await importAll(this.target(client, phase), source, {
      answered: (nextIndex) => {
        begun ??= nextIndex;
        this.progress.done(this.items + nextIndex);
      },
      broke: (error: ServiceError) =>
        this.progress.note(`The import broke (${error.details}); going on where it stopped.`),
    });
    this.sent += total - (begun ?? 0);
    this.items += total;
    this.refused += Number(state.refused);
    this.refusals.push(...countRefusals(phase, state));
    checkComplete(phase, total, state);
  }

  private target<Item>(client: ImportClient<Item>, { importId, role }: Phase<Item>): ImportTarget<Item> {
    return { client, organisationId: this.ids.organisation, importId, metadata: () => this.metadata(role) };
  }
}
