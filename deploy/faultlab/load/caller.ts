import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '../../local/roles';
import type { Lab } from '../lab';
import type { LabProcess } from '../lab-process';
import type { AnswerEntry, CallEntry, OperationLog } from '../operation-log';
import { type OperationName, OPERATIONS, type OperationUse, OTHERWISE } from '../operations';
import type { Random } from '../random';
import type { Answer, Wire, Wires } from '../wires';
import type { Client, World } from './world';

/** What became of a command: its answer, or nobody knows, because the caller gave up. */
export type Result = Answer | 'abandoned';

export type Command = Readonly<{
  name: OperationName;
  input: Readonly<Record<string, unknown>>;
  key: string;
  role?: Role;
}>;

type Sent = Omit<Command, 'key'> & Readonly<{ key?: string; isMisuse?: boolean }>;

export type Odds = Readonly<{
  /** How often an answered command is sent once more. */
  again: number;
  /** How often a key is used for another command. */
  misuse: number;
  /** How often a caller without an answer gives up for good. */
  giveUp: number;
}>;

const ODDS: Odds = { again: 0.1, misuse: 0.03, giveUp: 0.02 };
const THINKING_MS = 80; // between two commands of one person: a dozen people make some 100 commands a second
const MOST_TRIES = 60;
const PAUSE_MS = 150;
const LONGEST_PAUSE_MS = 1_500;

// Said for a while, not for good: the same call is right to be made again.
const PASSING = new Set(['version-stale', 'rate-limited', 'too-many-at-once']);

export const isPassing = ({ outcome, code, status }: Answer): boolean =>
  outcome === 'unavailable' ||
  outcome === 'unknown' ||
  outcome === 'broken' ||
  status === 401 ||
  status === 16 ||
  (code !== undefined && (PASSING.has(code) || code.endsWith('unknown-yet')));

export type Counts = { calls: number; acks: number; retries: number; unknown: number; refused: number };

/** Calls the product as clients do: any process, either wire, the same key again until an answer is there. */
export class Caller {
  readonly counts: Counts = { calls: 0, acks: 0, retries: 0, unknown: 0, refused: 0 };

  constructor(
    private readonly parts: { lab: Lab; wires: Wires; log: OperationLog; world: World; random: Random },
    private readonly odds: Odds = ODDS,
  ) {}

  /** Sends a command until it is answered for good. Now and then sends it once more, or misuses its key. */
  async command(client: Client, command: Command): Promise<Result> {
    const { random } = this.parts;
    await sleep(THINKING_MS * 2 * random.next());
    const result = await this.untilAnswered(client, command);
    if (result === 'abandoned' || result.outcome !== 'ok') return result;
    this.counts.acks += 1;
    if (random.chance(this.odds.again)) await this.untilAnswered(client, command);
    if (random.chance(this.odds.misuse)) await this.misuse(client, command);
    return result;
  }

  /** One question, answered or not. */
  read(client: Client, name: OperationName, input: Readonly<Record<string, unknown>>, role?: Role): Promise<Answer> {
    return this.once(client, { name, input, ...(role && { role }) });
  }

  private async untilAnswered(client: Client, command: Command): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      const answer = await this.once(client, command);
      if (!isPassing(answer)) {
        if (answer.outcome === 'refused') this.counts.refused += 1;
        return answer;
      }
      if (tries === MOST_TRIES || this.parts.random.chance(this.odds.giveUp)) return 'abandoned';
      this.counts.retries += 1;
      await sleep(Math.min(PAUSE_MS * tries, LONGEST_PAUSE_MS) * (0.5 + this.parts.random.next()));
    }
  }

  /** The key of an answered command, with another command. */
  private async misuse(client: Client, command: Command): Promise<void> {
    const otherwise = OTHERWISE[command.name];
    if (otherwise) await this.once(client, { ...command, input: { ...command.input, ...otherwise }, isMisuse: true });
  }

  private async once(client: Client, sent: Sent): Promise<Answer> {
    const { lab, wires, log, random } = this.parts;
    const { name, input, key, role } = sent;
    const use: OperationUse = OPERATIONS[name];
    const { organisationId } = client;
    const process: LabProcess = random.pick(lab.of(use.service));
    const wire: Wire = random.chance(0.5) ? 'rest' : 'grpc';
    const n = log.number();
    const whole = { organisationId, ...input };
    const call: CallEntry = {
      ...{ entry: 'call', n, at: Date.now(), service: use.service, rpc: name, organisationId },
      ...(key !== undefined && { key }),
      ...(sent.isMisuse && { misuse: true as const }),
      ...{ wire, process: process.name, input: whole },
    };
    await log.add(call);
    this.counts.calls += 1;
    const answer = await wires.call(process, wire, {
      ...{ rpc: name, use, role: role ?? use.role, organisationId, input: whole, key },
    });
    if (answer.outcome === 'unknown') this.counts.unknown += 1;
    await log.add(this.entryOf(n, client, answer));
    return answer;
  }

  private entryOf(n: number, client: Client, { outcome, status, code, body }: Answer): AnswerEntry {
    const leaked = body && this.parts.world.leakIn(client, JSON.stringify(body));
    return {
      ...{ entry: 'answer', n, at: Date.now(), outcome },
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
      ...(leaked !== undefined && { leaked }),
      ...placeIn(body),
    };
  }
}

const placeIn = (body: Answer['body']): { version?: number; position?: string; replayed?: boolean } => {
  const { version, position, replayed } = body ?? {};
  return {
    ...(typeof version === 'number' && { version }),
    ...(typeof position === 'string' && { position, replayed: replayed === true }),
  };
};
