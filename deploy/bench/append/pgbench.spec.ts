import { contextOf, eventOf, Goals } from './workload';
import { referenceValues } from './pgbench';

describe('the payload of the reference', () => {
  it('is as large as that of every other contender', () => {
    const goals = new Goals(0);
    const command = Array.from({ length: 5 }, () => goals.next()).at(-1) as ReturnType<Goals['next']>;
    const values = referenceValues();
    const { actor, correlationId, traceparent } = contextOf(command);
    expect(values['data']).toHaveLength(JSON.stringify(eventOf(command).data).length);
    expect(values['meta']).toHaveLength(JSON.stringify({ actor, correlationId, traceparent }).length);
    expect(values['command']).toHaveLength(command.commandId.length);
    expect(values['stream']).toHaveLength(`goal-${command.goalId}`.length);
  });
});

describe('the commands of one caller', () => {
  it('are ten on one goal, from version one, then on the next, each with a key of its own', () => {
    const goals = new Goals(3);
    const commands = Array.from({ length: 12 }, () => goals.next());
    expect(commands.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2]);
    expect(new Set(commands.map(({ goalId }) => goalId)).size).toBe(2);
    expect(new Set(commands.map(({ commandId }) => commandId)).size).toBe(12);
    expect(new Set(commands.map(({ organisationId }) => organisationId)).size).toBe(1);
  });
});
