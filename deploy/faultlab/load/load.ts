import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random';
import type { Caller } from './caller';
import { BrokenOff, Story } from './story';
import type { Client, World } from './world';

const TEAMS = 3;
const TELLERS = 3;
const PAUSE_MS = 60;

/** The people of every client at work, from a start to a stop, and again. */
export class Load {
  private stopping = false;
  private tellers: Promise<void>[] = [];
  private readonly next = new Map<string, number>();
  /** Why stories broke off, with how many did. */
  readonly brokenOff = new Map<string, number>();
  told = 0;

  constructor(
    private readonly caller: Caller,
    private readonly world: World,
    private readonly random: Random,
  ) {}

  /** Registers the clients with their teams. Waits until that is done. */
  async prepare(): Promise<void> {
    await Promise.all(this.world.clients.map((client) => this.register(client)));
  }

  start(): void {
    this.stopping = false;
    this.tellers = this.world.clients.flatMap((client) =>
      Array.from({ length: TELLERS }, (_, teller) => this.tellStories(client, teller)),
    );
  }

  /** Lets the stories under way come to their end. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.tellers);
  }

  private async register(client: Client): Promise<void> {
    const input = { timeZone: 'Europe/Helsinki', currency: 'EUR' };
    await this.caller.command(client, { name: 'RegisterOrganisation', key: 'registered-once', input });
    const teams = Array.from({ length: TEAMS }, (_, n) => n + 1);
    await Promise.all(
      teams.map((number) =>
        this.caller.command(client, {
          ...{ name: 'DefineTeam', key: `team-${number}-defined` },
          input: { teamId: this.world.idOf(client, 'team', number), name: `${client.name} ${number}` },
        }),
      ),
    );
  }

  private async tellStories(client: Client, teller: number): Promise<void> {
    // Clients of one space tell the same stories, as far as the faults let them.
    const random = this.random.fork(`${client.space} ${teller}`);
    const own = `${client.tag} ${teller}`;
    let number = this.next.get(own) ?? teller;
    for (; !this.stopping; number += TELLERS) {
      try {
        const story = { caller: this.caller, world: this.world, client, random: random.fork(String(number)), number };
        await new Story(story).tell(TEAMS);
        this.told += 1;
      } catch (error) {
        if (!(error instanceof BrokenOff)) throw error;
        this.brokenOff.set(error.message, (this.brokenOff.get(error.message) ?? 0) + 1);
      }
      await sleep(PAUSE_MS * random.next());
    }
    this.next.set(own, number);
  }
}
