import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { whileWaitedFor } from '@oppi/database';
import { DomainError, type Clock, type CommandContext } from '@oppi/event-sourcing';
import { type Caller, requireOwnOrganisation } from './caller';
import type { CallsAtOnce } from './calls-at-once';
import { fingerprintOf } from './canonical-json';
import { CLOCK } from './clock';
import type { Log } from './log';
import { type OperationSpec, type OperationType, type OutputOf, specOf } from './operation';
import { parse } from './parse';
import { currentPatience } from './patience';
import { currentTrace, startTrace, traceparentOf } from './trace';

/** What a call carries beside its input. */
export type CallDetails = Readonly<{
  /** The idempotency key: 8 to 255 visible ASCII characters; commands need it. */
  requestId?: string | undefined;
  /** The version the caller saw; 0 when the thing must not exist yet. */
  expectedVersion?: number | undefined;
  /** W3C trace context; that of the running request when absent. */
  traceparent?: string | undefined;
  /** Whether it comes from a bulk import: history may then be dated back by any role. */
  imported?: boolean | undefined;
  /** The event or message that made this call happen. */
  causationId?: string | undefined;
}>;

/** How calls are run. */
export type Dispatching = Readonly<{
  /** Whether outputs are checked against their schema before they leave: on in `local` and `test`. */
  checkOutput: boolean;
  atOnce: CallsAtOnce;
  log: Log;
}>;
export const DISPATCHING = Symbol('dispatching');

/** The one way into an operation, from either wire, an import or a reaction. */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DISPATCHING) private readonly how: Dispatching,
  ) {}

  /**
   * Runs an operation: role, tenant, input, context, handler, in this order. Throws the handler's errors and `DomainError`
   * of the kinds forbidden, not-found (an organisation the caller may not name), invalid, version-required, refused and too-many.
   * Begins nothing when its caller has stopped waiting; a query that runs ends then, a command never does.
   */
  async dispatch<T extends OperationType>(
    operation: T,
    input: unknown,
    caller: Caller,
    call: CallDetails = {},
  ): Promise<OutputOf<T>> {
    const spec = specOf(operation);
    requireRole(spec, caller);
    requireTenant(input, caller, this.how.log);
    const parsed = parse(operation.inputSchema, input);
    const patience = currentPatience();
    if (patience?.reason) throw patience.reason;
    const run = (): Promise<OutputOf<T>> => {
      if (operation.kind === 'command')
        return this.commands.execute(spec.make(parsed, this.contextOf(spec, parsed, caller, call)));
      const ask = (): Promise<OutputOf<T>> => this.queries.execute(spec.make(parsed, caller));
      return patience ? whileWaitedFor(patience, ask) : ask();
    };
    // An import holds itself up by its stream; refusing its items would only break it.
    const output = await (call.imported === true
      ? run()
      : this.how.atOnce.run(parsed['organisationId'] as string, run));
    if (this.how.checkOutput) requireOutput(spec, output);
    return output;
  }

  private contextOf(spec: OperationSpec, input: Input, caller: Caller, call: CallDetails): CommandContext {
    const { requestId, expectedVersion, causationId } = call;
    const now = this.clock.now().toISOString();
    const traceparent = call.traceparent ?? traceparentOf(currentTrace() ?? startTrace());
    return {
      organisationId: input.organisationId as string,
      actor: { id: caller.actorId, role: caller.role },
      commandId: keyOf(requestId),
      fingerprint: fingerprintOf(spec.name, input),
      ...versionOf(spec, expectedVersion),
      correlationId: traceparent.slice(3, 35),
      ...(causationId === undefined ? {} : { causationId }),
      traceparent,
      now,
      occurredAt: occurredAtOf(input, now, caller, call.imported),
      imported: call.imported ?? false,
    };
  }
}

type Input = { organisationId?: unknown; occurredAt?: unknown };

const requireRole = ({ allow }: OperationSpec, { role }: Caller): void => {
  if (!allow.has(role)) throw new DomainError('forbidden', 'role-not-allowed', 'This role may not do this.');
};

// At least what the schema of ids takes.
const ID = /^[0-9a-f-]{36}$/i;

// What is no id is left to the schema, which refuses it.
const requireTenant = (input: unknown, caller: Caller, log: Log): void => {
  const named = (input as Input | null | undefined)?.organisationId;
  if (typeof named === 'string' && ID.test(named)) requireOwnOrganisation(caller, named.toLowerCase(), log);
};

const KEY = /^[\x21-\x7e]{8,255}$/;

const keyOf = (requestId: string | undefined): string => {
  if (requestId === undefined || requestId === '')
    throw new DomainError('invalid', 'idempotency-key-required', 'A command needs an idempotency key.');
  if (!KEY.test(requestId))
    throw new DomainError('invalid', 'idempotency-key-malformed', 'A key has 8 to 255 visible ASCII characters.');
  return requestId;
};

const versionOf = (spec: OperationSpec, expected: number | undefined): { expectedVersion?: number } => {
  if (expected !== undefined) {
    if (!Number.isInteger(expected) || expected < 0)
      throw new DomainError('invalid', 'expected-version-malformed', 'A version is a whole number from 0.');
    return { expectedVersion: expected };
  }
  if (!spec.versionRequired) return {};
  throw new DomainError('version-required', 'expected-version-required', 'Say which version this is to change.');
};

// Rule E1. Both are UTC with milliseconds, so text order is time order.
const occurredAtOf = (input: Input, now: string, caller: Caller, imported: boolean | undefined): string => {
  const { occurredAt } = input;
  if (typeof occurredAt !== 'string') return now;
  if (occurredAt > now) throw new DomainError('refused', 'occurred-in-future', 'This has not happened yet.');
  const mayDateBack = imported === true || caller.role === 'operations' || caller.role === 'integration';
  if (occurredAt < now && !mayDateBack)
    throw new DomainError('forbidden', 'backdating-not-allowed', 'This role may not date anything back.');
  return occurredAt;
};

const requireOutput = ({ name, type }: OperationSpec, output: unknown): void => {
  const result = type.outputSchema.safeParse(output);
  if (result.success) return;
  const places = result.error.issues.map(({ path, message }) => `/${path.join('/')} ${message}`);
  throw new Error(`${name} answered what its schema does not say: ${places.join('; ')}`);
};
