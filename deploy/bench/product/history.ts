import { randomUUID } from 'node:crypto';
import { credentials, type Metadata } from '@grpc/grpc-js';
import { GoalServiceClient } from '@oppi/contracts/goal/v1/goal_service';
import type { Target } from '../generator/wires';
import { bearer, unary } from '../generator/wires';
import { newOrganisations, type Product } from './product';

/** How to reach a running product with the rights of operations. */
export const targetOf = async ({ stack, goalHttp, token }: Product): Promise<Target> => ({
  goalHttp,
  goalGrpc: stack.endpoints.grpc.goal,
  reportingGrpc: stack.endpoints.grpc.reporting,
  token: await token('operations', stack.endpoints.demoOrganisationId),
});

const AT_ONCE = 64;

/** Runs `work` on all items, so many at once. */
const forAll = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> => {
  const left = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) await work(item);
    }),
  );
};

/** The public API of goal, as far as histories are made with it. */
class Author {
  private readonly goals: GoalServiceClient;
  private readonly operations: Metadata;

  constructor(target: Target) {
    this.goals = new GoalServiceClient(target.goalGrpc, credentials.createInsecure());
    this.operations = bearer(target.token);
  }

  register(organisationId: string): Promise<unknown> {
    const request = { requestId: randomUUID(), organisationId, timeZone: 'Europe/Helsinki', currency: 'EUR' };
    return unary(this.goals.registerOrganisation.bind(this.goals), request, this.operations);
  }

  propose(organisationId: string, goalId: string): Promise<unknown> {
    const request = {
      ...{ requestId: randomUUID(), organisationId, goalId, statement: 'Leads a team alone', dateUnknown: false },
      ...{ dueOn: '2099-12-31', criteria: [{ criterionId: 'pass' }], milestones: [], activities: [] },
    };
    return unary(this.goals.proposeGoal.bind(this.goals), request, this.operations);
  }

  agreeAs(sponsor: Metadata, organisationId: string, goalId: string): Promise<unknown> {
    const request = { requestId: randomUUID(), organisationId, goalId, dateUnknown: false };
    return unary(this.goals.agreeGoal.bind(this.goals), request, sponsor);
  }

  close(): void {
    this.goals.close();
  }
}

/** Registers so many organisations. */
export const registerOrganisations = async (target: Target, count: number): Promise<string[]> => {
  const author = new Author(target);
  const organisations = newOrganisations(count);
  await forAll(organisations, (organisationId) => author.register(organisationId));
  author.close();
  return organisations;
};

export type GoalsToAgree = Readonly<{ organisationId: string; goalIds: string[] }>;

/** Organisations with goals that only the provider has yet to agree to. */
export const goalsToAgree = async (product: Product, organisations: number, goals: number): Promise<GoalsToAgree[]> => {
  const target = await targetOf(product);
  const author = new Author(target);
  const made: GoalsToAgree[] = [];
  for (const organisationId of await registerOrganisations(target, organisations)) {
    const goalIds = Array.from({ length: goals }, () => randomUUID());
    const sponsor = bearer(await product.token('sponsor', organisationId));
    await forAll(goalIds, async (goalId) => {
      await author.propose(organisationId, goalId);
      await author.agreeAs(sponsor, organisationId, goalId);
    });
    made.push({ organisationId, goalIds });
  }
  author.close();
  return made;
};
