import { aClient, aLearner, anAgreedGoal, aTeam, attain, type Explanation, figure } from './goal-steps.fixtures';
import { describeOnEachBus } from './on-each-bus.fixtures';
import { daysAgo, eventually, inDays } from './scene.fixtures';

jest.setTimeout(90_000); // ms: on Kafka a group forms first

describeOnEachBus('a correction, weeks later', (product) => {
  it('E5 E6: asked now shows the truth, asked as known before shows what was believed; and it happens once', async () => {
    const client = await aClient(product().stack);
    const team = await aTeam(client, 'Claims');
    const person = await aLearner(client, team, daysAgo(1));
    const goalId = await anAgreedGoal(client, { personId: person, teamId: team, occurredAt: daysAgo(1) });
    const evidenceId = await attain(client, goalId, new Date().toISOString());
    await eventually(
      () => figure(client),
      ({ attainment }) => attainment.attained === 1,
    );

    const before = await client.setClocks(inDays(20));
    const voiding = { reasonCode: 'forged', groundAt: inDays(10) };
    await client.post('goal', `/goals/${goalId}/evidence/${evidenceId}/void`, voiding, { key: 'voided-once' });
    await client.post('goal', `/goals/${goalId}/evidence/${evidenceId}/void`, voiding, { key: 'voided-once' });
    await eventually(
      () => figure(client),
      ({ attainment }) => attainment.attained === 0,
    );

    const attained = async (on: string, knownAt?: string): Promise<number> =>
      (await figure(client, `?on=${on.slice(0, 10)}${knownAt ? `&knownAt=${knownAt}` : ''}`)).attainment.attained;
    expect(await attained(inDays(20), before)).toBe(1); // what was believed
    expect(await attained(inDays(20))).toBe(0); // the truth
    expect(await attained(inDays(11))).toBe(0); // after the ground fell
    expect(await attained(inDays(5))).toBe(1); // before it fell the evidence was good
    expect((await figure(client, `?on=${inDays(-2).slice(0, 10)}`)).attainment.agreed).toBe(0); // not agreed yet
    const again = client.post('goal', `/goals/${goalId}/evidence/${evidenceId}/void`, { reasonCode: 'forged' });
    await expect(again).rejects.toMatchObject({ code: 'evidence-already-voided' });
    const { goals } = await client.get<Explanation>('reporting', '/attainment/explanation');
    expect(goals[0]?.events.filter((event) => event.type === 'goal.v1.AttainmentRevoked')).toHaveLength(1);
  });
});
