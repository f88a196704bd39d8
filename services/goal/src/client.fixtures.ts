import { randomUUID } from 'node:crypto';
import type { Wire } from '@oppi/service/testing';
import { AddPerson } from './features/add-person/add-person.command';
import { AgreeCommitment } from './features/commitment/agree-commitment.command';
import { ProposeCommitment } from './features/commitment/propose-commitment.command';
import { AgreeGoal } from './features/agree-goal/agree-goal.command';
import { DefineTeam } from './features/define-team/define-team.command';
import { GetGoal } from './features/goal-view/get-goal.query';
import { JoinTeam } from './features/membership/join-team.command';
import { ProposeGoal } from './features/propose-goal/propose-goal.command';
import { RegisterOrganisation } from './features/register-organisation/register-organisation.command';
import type { GoalStage } from './goal-stage.fixtures';

/** The local date some days from now, as far as UTC goes. */
export const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** A client organisation with a team and a learner in it, and the words its story is told in. */
export const aClient = async (stage: GoalStage, wire: Wire) => {
  const organisationId = randomUUID();
  const [teamId, personId] = [randomUUID(), randomUUID()];
  const tokens = await stage.roles(organisationId);
  const token = tokens.operations;
  await wire.call(RegisterOrganisation, { organisationId, timeZone: 'Europe/Helsinki', currency: 'EUR' }, { token });
  await wire.call(DefineTeam, { organisationId, teamId, name: 'Cloud team' }, { token });
  await wire.call(AddPerson, { organisationId, personId, name: 'Zzyzx Qwertyson' }, { token });
  await wire.call(JoinTeam, { organisationId, personId, teamId }, { token });

  const proposed = async (more: object = {}): Promise<string> => {
    const goalId = randomUUID();
    const terms = { statement: 'Runs a cluster alone', dueOn: inDays(30), criteria: [{ criterionId: 'pass' }] };
    await wire.call(ProposeGoal, { organisationId, goalId, personId, teamId, ...terms, ...more }, { token });
    return goalId;
  };
  const agreed = async (more: object = {}): Promise<string> => {
    const goalId = await proposed(more);
    await wire.call(AgreeGoal, { organisationId, goalId }, { token });
    await wire.call(AgreeGoal, { organisationId, goalId }, { token: tokens.sponsor });
    return goalId;
  };
  const promise = { name: 'Cloud autumn', dueOn: inDays(40), priceMinor: '4990', vatRateBasisPoints: 2_550 };
  const promised = async (goalIds: string[], more: object = {}): Promise<string> => {
    const commitmentId = randomUUID();
    const terms = { ...promise, goalIds, threshold: 1, ...more };
    await wire.call(ProposeCommitment, { organisationId, commitmentId, ...terms }, { token });
    return commitmentId;
  };
  const bothAgree = async (commitmentId: string): Promise<void> => {
    await wire.call(AgreeCommitment, { organisationId, commitmentId }, { token });
    await wire.call(AgreeCommitment, { organisationId, commitmentId }, { token: tokens.sponsor });
  };
  const goal = (goalId: string, as = token) => wire.call(GetGoal, { organisationId, goalId }, { token: as });
  return { organisationId, teamId, personId, tokens, promise, proposed, agreed, promised, bothAgree, goal };
};
