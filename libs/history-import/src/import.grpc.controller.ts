import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject, Injectable, type Type } from '@nestjs/common';
import { GrpcStreamMethod } from '@nestjs/microservices';
import { DomainError } from '@oppi/event-sourcing';
import { Allow, type Caller, callerOf, LOG, type Log, requireOwnOrganisation, type Role } from '@oppi/service';
import { concatMap, map, type Observable, tap } from 'rxjs';
import { HistoryImport, type ImportStream, type Run } from './history-import';
import { ImportItems } from './import-items';

/** A run on the wire, as the loader decodes it. */
type ImportMessage = {
  organisationId?: string;
  importId?: string;
  firstIndex?: string;
  items: ({ command?: string } & Record<string, unknown>)[];
};
type Stream = { pause(): void; resume(): void };

/** Runs under way at once; more stay on the wire, where flow control holds the client up. */
const RUNS_UNDER_WAY = 4;
const MOST_ITEMS = 500;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

@Injectable()
class ImportWire {
  constructor(
    private readonly history: HistoryImport,
    private readonly items: ImportItems,
    @Inject(LOG) private readonly log: Log,
  ) {}

  protected answers(runs: Observable<ImportMessage>, metadata: Metadata, stream: Stream): Observable<object> {
    const caller = callerOf(metadata);
    const history = this.history.open(caller);
    let waiting = 0;
    return runs.pipe(
      tap(() => {
        waiting += 1;
        if (waiting >= RUNS_UNDER_WAY) stream.pause();
      }),
      // Begun as they come, answered in order.
      map((message) => {
        const answer = this.answer(history, caller, message);
        // Until its turn comes nobody listens to it, and a failure that nobody listens to ends the process.
        answer.catch(() => undefined);
        return answer;
      }),
      concatMap((answer) => answer),
      tap(() => {
        waiting -= 1;
        if (waiting < RUNS_UNDER_WAY) stream.resume();
      }),
    );
  }

  private async answer(history: ImportStream, caller: Caller, message: ImportMessage): Promise<object> {
    const run = this.runOf(caller, message);
    return { firstIndex: run.firstIndex.toString(), results: await history.take(run) };
  }

  private runOf(caller: Caller, { organisationId, importId, firstIndex, items }: ImportMessage): Run {
    const malformed = (message: string): DomainError => new DomainError('invalid', 'import-malformed', message);
    if (!organisationId || !UUID.test(organisationId)) throw malformed('Name the organisation by its id.');
    // Here and not with the items: how far another's import came must be neither told nor moved on.
    requireOwnOrganisation(caller, organisationId, this.log);
    if (!importId || !/^[\x21-\x7e]{8,100}$/.test(importId))
      throw malformed('An import id has 8 to 100 visible characters.');
    if (!firstIndex || !/^\d{1,15}$/.test(firstIndex))
      throw malformed('The first index is a whole number from 0, as text.');
    if (items.length < 1 || items.length > MOST_ITEMS) throw malformed('A run has 1 to 500 items.');
    return {
      organisationId,
      importId,
      firstIndex: BigInt(firstIndex),
      items: items.map((item) => this.items.read(item)),
    };
  }
}

/** The stream `Import` of a proto service, for the roles that bring history at all; each item's operation says who may do it. */
export const importController = (grpcService: string, allow: readonly Role[]): Type => {
  @Controller()
  class ImportGrpcController extends ImportWire {
    @GrpcStreamMethod(grpcService.slice(grpcService.lastIndexOf('.') + 1), 'Import')
    @Allow(...allow)
    import(runs: Observable<ImportMessage>, metadata: Metadata, stream: Stream): Observable<object> {
      return this.answers(runs, metadata, stream);
    }
  }
  return ImportGrpcController;
};
