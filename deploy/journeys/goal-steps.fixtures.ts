import { randomUUID } from 'node:crypto';
import type { Stack } from '../local/stack';
import { Client } from './client';

type Attainment = {
  agreed: number;
  attained: number;
  missed: number;
  withdrawn: number;
  overdue: number;
  open: number;
};
export type Figure = {
  attainment: Attainment;
  basis: { inboxPosition: string; complete: boolean; parkedMessages: number };
};
export type Explanation = Figure & {
  goals: {
    goalId: string;
    outcome: string;
    events: { eventId: string; type: string; actorId: string; occurredAt: string; recordedAt: string }[];
  }[];
  text: string;
};
/** A new client organisation, and the people who act for it. */
export const aClient = async ({ endpoints }: Pick<Stack, 'endpoints'>): Promise<Client> => {
  const client = new Client(endpoints, randomUUID());
  await client.put('', { timeZone: 'Europe/Helsinki', currency: 'EUR' });
  return client;
};

export const aTeam = async (client: Client, name: string, parentTeamId?: string): Promise<string> => {
  const teamId = randomUUID();
  await client.put(`/teams/${teamId}`, { name, ...(parentTeamId && { parentTeamId }) });
  return teamId;
};

export const aLearner = async (client: Client, teamId: string, occurredAt: string): Promise<string> => {
  const personId = randomUUID();
  await client.put(`/persons/${personId}`, { name: 'Zzyzx Qwertyson', email: 'zzyzx@example.org' });
  await client.post('goal', `/persons/${personId}/join-team`, { teamId, occurredAt });
  return personId;
};

const dueOn = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);

export const anAgreedGoal = async (
  client: Client,
  about: { personId: string; teamId: string; occurredAt: string; goalId?: string },
): Promise<string> => {
  const { personId, teamId, occurredAt, goalId = randomUUID() } = about;
  const terms = { personId, teamId, statement: 'Zzyzx leads a team alone', dueOn, criteria: [{ criterionId: 'pass' }] };
  await client.put(`/goals/${goalId}`, { ...terms, occurredAt });
  await client.post('goal', `/goals/${goalId}/agree`, { occurredAt });
  await client.post('goal', `/goals/${goalId}/agree`, {}, { role: 'sponsor' });
  return goalId;
};

export const attain = async (client: Client, goalId: string, occurredAt: string): Promise<string> => {
  const evidenceId = randomUUID();
  await client.put(`/goals/${goalId}/evidence/${evidenceId}`, { kind: 'test', occurredAt });
  await client.post(
    'goal',
    `/goals/${goalId}/evidence/${evidenceId}/accept`,
    { criterionIds: ['pass'] },
    { role: 'verifier' },
  );
  return evidenceId;
};

export const figure = (client: Client, query = ''): Promise<Figure> =>
  client.get<Figure>('reporting', `/attainment${query}`);
