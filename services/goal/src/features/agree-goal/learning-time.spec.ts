import { randomUUID } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { Neighbour, openLog, Patience, TooSlow, withPatience } from '@oppi/service';
import { LearningTime } from './learning-time';

it('LIM-10: is not asked for, and not made unknown, when no time is left', async () => {
  const client = new Client('127.0.0.1:1', credentials.createInsecure());
  const neighbour = new Neighbour({ name: 'time_allocation', client, deadlineMs: 800 });
  const time = new LearningTime(neighbour, openLog('goal', 'silent'));
  const [organisationId, goalId, personId] = [randomUUID(), randomUUID(), randomUUID()];
  const asked = { organisationId, goalId, personId, neededMinutes: 330, dueOn: '2026-12-24' };
  await expect(withPatience(new Patience(0), () => time.feasibilityOf(asked))).rejects.toBeInstanceOf(TooSlow);
  expect(neighbour.metrics()).toMatchObject({ time_allocation_asked_total: 0 });
  await neighbour.close();
});
