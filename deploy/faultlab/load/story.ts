import { setTimeout as sleep } from 'node:timers/promises';
import { fixedUuid, type Role } from '../../local/roles';
import type { OperationName } from '../operations';
import type { Random } from '../random';
import type { Caller } from './caller';
import type { Client, World } from './world';

/** A story broke off: nobody knows whether its last command was done, or the product said no. */
export class BrokenOff extends Error {}

const COACH = fixedUuid('actor coach'); // as the local issuer names whoever holds the role
const MOST_LOOKS = 20; // a fact that some fault holds up is not waited for
const LOOK_AGAIN_MS = 100;
const DAY_MS = 86_400_000;
const DUE_IN_DAYS = 700; // beyond any jump of the clocks

/** One goal's life, or a part of it: what the people of a client and of the provider do one after the other. */
export class Story {
  private steps = 0;
  private readonly caller: Caller;
  private readonly client: Client;
  private readonly random: Random;
  private readonly number: number;

  constructor(
    private readonly parts: { caller: Caller; world: World; client: Client; random: Random; number: number },
  ) {
    ({ caller: this.caller, client: this.client, random: this.random, number: this.number } = parts);
  }

  /** A learner joins a team, proposes a goal, and sees it through to some end. */
  async tell(teams: number): Promise<void> {
    const { client, number, random } = this;
    const { world } = this.parts;
    const [personId, goalId] = [world.idOf(client, 'person', number), world.idOf(client, 'goal', number)];
    const teamId = world.idOf(client, 'team', random.between(1, teams));
    const name = `${client.secret} ${number}`;
    await this.act('AddPerson', { personId, name, email: `${client.secret}${number}@example.org` });
    await this.act('JoinTeam', { personId, teamId });
    const dueOn = new Date(Date.now() + DUE_IN_DAYS * DAY_MS).toISOString().slice(0, 10);
    const criteria = [{ criterionId: 'pass' }];
    const activities = [{ activityId: 'read', kind: 'reading', estimatedMinutes: 90 }];
    const terms = { statement: `${name} leads alone`, dueOn, criteria, activities };
    await this.act('ProposeGoal', { goalId, personId, teamId, ...terms });
    await this.act('AgreeGoal', { goalId });
    if (random.chance(0.1)) return; // the other party never agrees
    await this.act('AgreeGoal', { goalId }, 'sponsor');
    if (random.chance(0.6)) await this.promise(goalId, dueOn);
    const helper = await this.helperOf(personId, goalId);
    await this.work(goalId, helper);
    await this.spendTime(personId, goalId);
    if (helper === 'coach') await this.checkIn(personId);
    await this.look(personId, goalId);
  }

  /** The provider answers for the goal: it is billed once it is attained. */
  private async promise(goalId: string, dueOn: string): Promise<void> {
    const commitmentId = this.parts.world.idOf(this.client, 'commitment', this.number);
    const price = { priceMinor: '4990', vatRateBasisPoints: 2_550 };
    const name = `Promise ${this.number}`;
    await this.act('ProposeCommitment', { commitmentId, name, goalIds: [goalId], threshold: 1, dueOn, ...price });
    await this.act('AgreeCommitment', { commitmentId });
    await this.act('AgreeCommitment', { commitmentId }, 'sponsor');
  }

  /** Who works on the goal with the learner: a coach, where one is assigned and goal has heard of it in time. */
  private async helperOf(personId: string, goalId: string): Promise<'coach' | 'manager'> {
    if (!this.random.chance(0.5)) return 'manager';
    await this.act('AssignCoach', { personId, coachId: COACH });
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const { outcome } = await this.caller.read(this.client, 'GetGoal', { goalId }, 'coach');
      if (outcome === 'ok') return 'coach';
      await sleep(LOOK_AGAIN_MS);
    }
    return 'manager';
  }

  private async work(goalId: string, helper: Role): Promise<void> {
    const { random } = this;
    for (let reports = random.between(0, 3); reports > 0; reports -= 1)
      await this.act('ReportProgress', { goalId, percent: random.between(1, 99) }, helper);
    if (random.chance(0.5)) await this.act('CompleteActivity', { goalId, activityId: 'read' }, helper);
    if (random.chance(0.15)) {
      await this.act('WithdrawGoal', { goalId, reasonCode: 'left' });
      return;
    }
    if (random.chance(0.2)) {
      const evidenceId = await this.submit(goalId, 1);
      await this.act('RejectEvidence', { goalId, evidenceId, comment: `${this.client.secret} is not there yet` });
    }
    const evidenceId = await this.submit(goalId, 2);
    await this.act('AcceptEvidence', { goalId, evidenceId, criterionIds: ['pass'] });
    if (!random.chance(0.35)) return;
    await this.act('VoidEvidence', { goalId, evidenceId, reasonCode: 'forged' });
    if (!random.chance(0.5)) return;
    const anew = await this.submit(goalId, 3);
    await this.act('AcceptEvidence', { goalId, evidenceId: anew, criterionIds: ['pass'] });
  }

  private async submit(goalId: string, nth: number): Promise<string> {
    const evidenceId = this.parts.world.idOf(this.client, `evidence ${nth} of goal`, this.number);
    await this.act('SubmitEvidence', { goalId, evidenceId, kind: 'test' });
    return evidenceId;
  }

  private async spendTime(personId: string, goalId: string): Promise<void> {
    const { random, client } = this;
    const { world } = this.parts;
    const today = new Date().toISOString().slice(0, 10);
    if (!random.chance(0.3)) return;
    await this.act('GrantTime', { personId, minutesPerWeek: random.between(30, 300), effectiveOn: today });
    const entryId = world.idOf(client, 'entry', this.number);
    await this.act('LogTime', { personId, on: today, entryId, goalId, minutes: random.between(5, 90) });
  }

  /** The coach asks how it goes. */
  private async checkIn(personId: string): Promise<void> {
    const { random, client } = this;
    const dials = { direction: random.between(1, 5), motivation: random.between(1, 5) };
    const checkInId = this.parts.world.idOf(client, 'check-in', this.number);
    await this.act('RecordCheckIn', { personId, checkInId, ...dials, text: `${client.secret} asks for more time` });
  }

  private async look(personId: string, goalId: string): Promise<void> {
    const { caller, client } = this;
    await caller.read(client, 'GetGoal', { goalId });
    await caller.read(client, 'GetPerson', { personId });
    if (this.random.chance(0.5)) await caller.read(client, 'ListGoals', { limit: 200 });
    if (this.random.chance(0.5)) await caller.read(client, 'GetAttainment', {});
    if (this.random.chance(0.3)) await caller.read(client, 'GetAttainmentReport', {});
  }

  private async act(name: OperationName, input: Readonly<Record<string, unknown>>, role?: Role): Promise<void> {
    this.steps += 1;
    const key = `story-${this.number}-step-${this.steps}`;
    const result = await this.caller.command(this.client, { name, input, key, ...(role && { role }) });
    if (result === 'abandoned') throw new BrokenOff(`${name} has no answer.`);
    if (result.outcome !== 'ok') throw new BrokenOff(`${name} was refused: ${result.code}.`);
  }
}
