import { rm } from 'node:fs/promises';
import type { ImportItem } from '@oppi/contracts/goal/v1/goal_service';
import { Ids } from './ids';
import { corrected } from './correction';
import { correctionOf, itemsFrom, kindAt, type Phase, phasesOf, sizeOf, type StagePhases } from './phases';
import { readDataSet } from './read-data-set';
import { smallTables, writeTables } from './small-data-set.fixtures';
import { stagesOf } from './stages';

let folder: string;
let ids: Ids;
let stages: StagePhases[];
let phases: Phase<ImportItem>[];
let correction: Phase<ImportItem>;
beforeAll(async () => {
  folder = await writeTables(smallTables());
  const data = await readDataSet(folder);
  ids = new Ids(data.fingerprint);
  stages = stagesOf(data).map((stage) => phasesOf(data, ids, stage));
  correction = correctionOf(ids, corrected(data));
  phases = stages.flatMap(({ goal }) => goal);
});
afterAll(() => rm(folder, { recursive: true }));

const collected = async <Item>(items: AsyncIterable<Item> | Iterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};
/** The items of a kind over all stages. */
const itemsOf = async (kind: string): Promise<ImportItem[]> => {
  const steps = [...phases, correction].flatMap((phase) => phase.steps).filter((one) => one.kind === kind);
  return (await Promise.all(steps.map((step) => collected(step.items())))).flat();
};

describe('the import of a data set', () => {
  it('has these streams a stage, each under its own token', () => {
    const sizes = stages.map(({ goal }) => goal.map((phase) => [phase.name, phase.role, sizeOf(phase)]));
    expect(sizes).toEqual([
      [
        ['register', 'operations', 1 + 1 + 4 + 4 + 4 + 4],
        ['agree', 'manager', 4],
        ['promise', 'operations', 2],
        ['accept', 'sponsor', 1],
        ['study', 'operations', 2 + 2 + 3],
        ['judge', 'verifier', 3 + 3],
      ],
      [
        ['register', 'operations', 1 + 1 + 3 + 3 + 3 + 3],
        ['agree', 'manager', 3],
        ['promise', 'operations', 2],
        ['accept', 'sponsor', 1],
        ['study', 'operations', 4 + 3],
        ['judge', 'verifier', 3 + 1],
      ],
      [
        ['register', 'operations', 1 + 2 + 3 + 3 + 3],
        ['agree', 'manager', 3],
        ['promise', 'operations', 2],
        ['accept', 'sponsor', 1],
        ['study', 'operations', 2 + 2 + 4],
        ['judge', 'verifier', 4 + 1 + 1],
      ],
    ]);
    expect(stages.map(({ time }) => time.map(sizeOf))).toEqual([[5], [], [1]]);
    expect([correction.role, sizeOf(correction)]).toEqual(['verifier', 4]);
  });

  it('gives as many items as it says, and from any index on the rest of the same', async () => {
    const all: Phase<unknown>[] = [...phases, ...stages.flatMap(({ time }) => time), correction];
    for (const phase of all) {
      const items = await collected(itemsFrom(phase, 0));
      expect(items).toHaveLength(sizeOf(phase));
      for (let index = 0; index <= items.length; index++)
        expect(await collected(itemsFrom(phase, index))).toEqual(items.slice(index));
    }
  });

  it('knows the kind of an item by its index', () => {
    const [register] = phases as [Phase<ImportItem>];
    expect([0, 1, 2, 6, 17, 18].map((index) => kindAt(register, index))).toEqual([
      'modules',
      'presentations',
      'persons',
      'memberships',
      'agreements by operations',
      'beyond the end',
    ]);
  });

  it('names the import by its data, so other files are another import', () => {
    const times = stages.flatMap(({ time }) => time);
    const names = [...phases, ...times, correction].map(({ importId }) => importId);
    expect(new Set(names).size).toBe(18 + 2 + 1);
    expect(names.every((name) => name.includes(ids.fingerprint.slice(0, 16)))).toBe(true);
  });
});

describe('what a row becomes', () => {
  it('is a team under its module', async () => {
    expect((await itemsOf('presentations'))[2]?.defineTeam).toMatchObject({
      teamId: ids.team('AAA/2014B'),
      parentTeamId: ids.team('AAA'),
      name: 'AAA 2014B',
    });
  });

  it('is a person without a name', async () => {
    const [first] = await itemsOf('persons');
    expect(first?.addPerson).toEqual({
      requestId: '',
      organisationId: '',
      personId: ids.person('11'),
      externalId: '11',
    });
  });

  it('is a goal agreed at 00:00 of the registration day, due on the last day', async () => {
    const [proposal] = await itemsOf('proposals');
    expect(proposal?.proposeGoal).toMatchObject({
      goalId: ids.goal('AAA/2013J/11'),
      personId: ids.person('11'),
      teamId: ids.team('AAA/2013J'),
      statement: 'Pass AAA 2013J',
      dueOn: '2013-10-11',
      criteria: [{ criterionId: 'board', evidenceKind: 'board-result' }],
      milestones: [
        { milestoneId: '1', dueOn: '2013-10-06', weightBasisPoints: 750 },
        { milestoneId: '2', weightBasisPoints: 10000 },
      ],
      occurredAt: '2013-09-20T23:00:00.000Z',
      dateUnknown: false,
    });
    for (const kind of ['agreements by operations', 'agreements by the client', 'memberships']) {
      const [{ agreeGoal, joinTeam } = {}] = await itemsOf(kind);
      expect(agreeGoal ?? joinTeam).toMatchObject({ occurredAt: '2013-09-20T23:00:00.000Z', dateUnknown: false });
    }
  });

  it('says that nobody knows the date where the row has none', async () => {
    const [proposals, joinings] = [await itemsOf('proposals'), await itemsOf('memberships')];
    expect(proposals[2]?.proposeGoal).toMatchObject({ dateUnknown: true });
    expect(proposals[2]?.proposeGoal).not.toHaveProperty('occurredAt');
    expect(joinings[2]?.joinTeam).toMatchObject({ dateUnknown: true });
  });

  it('is progress on its day, a measure only with a score, carried over when banked', async () => {
    const progress = (await itemsOf('progress')).map(({ reportProgress }) => reportProgress);
    expect(progress[2]).toMatchObject({ milestoneId: '1', percent: 78, carriedOver: false });
    expect(progress[1]).not.toHaveProperty('percent');
    expect(progress[6]).toMatchObject({ carriedOver: true, occurredAt: '2014-01-31T00:00:00.000Z' });
  });

  it('is a leaving for everyone with a date of it, whatever the result', async () => {
    const leavings = (await itemsOf('leavings')).map(({ leaveTeam }) => [leaveTeam?.personId, leaveTeam?.occurredAt]);
    expect(leavings).toEqual([
      [ids.person('12'), '2013-09-25T23:00:00.000Z'],
      [ids.person('13'), '2013-09-29T23:00:00.000Z'],
      [ids.person('15'), '2014-02-21T00:00:00.000Z'],
      [ids.person('18'), '2013-11-14T00:00:00.000Z'],
    ]);
  });

  it('is a promise to a presentation, agreed by both from its first day and due on its last', async () => {
    const promises = (await itemsOf('commitments')).map(({ proposeCommitment }) => proposeCommitment);
    expect(promises[2]).toMatchObject({
      commitmentId: ids.commitment('AAA/2014B'),
      name: 'AAA 2014B',
      goalIds: ['11', '15', '16'].map((student) => ids.goal(`AAA/2014B/${student}`)),
      threshold: 2,
      dueOn: '2014-04-02',
      priceMinor: '4990',
      vatRateBasisPoints: 2550,
    });
    expect(promises.map((one) => [one?.goalIds.length, one?.threshold])).toEqual([
      [4, 2],
      [3, 2],
      [3, 2],
    ]);
    for (const party of ['operations', 'the client']) {
      const agreements = await itemsOf(`commitments agreed by ${party}`);
      expect(agreements[2]?.agreeCommitment).toMatchObject({
        commitmentId: ids.commitment('AAA/2014B'),
        occurredAt: '2014-02-01T00:00:00.000Z',
      });
    }
  });

  it('is time on its date, for the goal of the presentation, also before the first day', async () => {
    const items = await Promise.all(stages.flatMap(({ time }) => time.map((phase) => collected(itemsFrom(phase, 0)))));
    const [first, last] = [items.flat()[0]?.logTime, items.flat()[5]?.logTime];
    const { person, goal } = { person: ids.person('11'), goal: ids.goal('AAA/2013J/11') };
    expect(first).toMatchObject({ personId: person, goalId: goal, on: '2013-09-27', minutes: 8 });
    expect(first?.entryId).toBe(ids.timeEntry('AAA/2013J/11', -4));
    expect(last).toMatchObject({ personId: ids.person('16'), on: '2014-03-30', minutes: 12 });
  });

  it('is voided after billing when it is among the first hundred that passed', async () => {
    const voided = (await itemsOf('board results voided')).map(({ voidEvidence }) => voidEvidence);
    const keys = ['AAA/2013J/11', 'AAA/2014B/11', 'AAA/2014B/16', 'BBB/2013J/19'];
    expect(voided.map((one) => one?.evidenceId)).toEqual(keys.map((key) => ids.boardResult(key)));
    expect(voided[0]).toMatchObject({ goalId: ids.goal('AAA/2013J/11'), reasonCode: 'board-result-withdrawn' });
    expect(voided[0]).not.toHaveProperty('groundAt');
  });

  it('is a board result at 24:00 of the last day that names its row, not its student', async () => {
    const results = (await itemsOf('board results')).map(({ submitEvidence }) => submitEvidence);
    expect(results[6]).toMatchObject({
      kind: 'board-result',
      sourceId: 'studentInfo:5',
      occurredAt: '2014-04-02T23:00:00.000Z',
    });
    expect(results[6]?.contentHash).toMatch(/^[0-9a-f]{64}$/);
    expect(results[4]?.occurredAt).toBe('2013-11-11T00:00:00.000Z');
  });

  it('is accepted for the criterion when passed, and for none otherwise', async () => {
    const acceptances = (await itemsOf('acceptances')).map(({ acceptEvidence }) => acceptEvidence);
    expect(acceptances.map((one) => one?.criterionIds.length)).toEqual([0, 0, 0, 1, 0, 1, 1, 0, 1, 0]);
    expect(acceptances[0]?.occurredAt).toBe('2013-10-11T23:00:00.000Z');
  });

  it('is missed at 24:00 of the last day when failed, also by one who left', async () => {
    const missed = (await itemsOf('missed')).map(({ missGoal }) => [missGoal?.goalId, missGoal?.occurredAt]);
    expect(missed).toEqual([
      [ids.goal('BBB/2013J/17'), '2013-11-11T00:00:00.000Z'],
      [ids.goal('AAA/2014B/15'), '2014-04-02T23:00:00.000Z'],
    ]);
  });

  it('is withdrawn on its date, or from the end when it has none', async () => {
    const withdrawn = (await itemsOf('withdrawn')).map(({ withdrawGoal }) => withdrawGoal);
    expect(withdrawn.map((one) => one?.occurredAt)).toEqual([
      '2013-09-25T23:00:00.000Z',
      '2013-09-29T23:00:00.000Z',
      '2013-10-11T23:00:00.000Z',
      '2013-11-14T00:00:00.000Z',
    ]);
    expect(withdrawn[0]).toMatchObject({ reasonCode: 'withdrawn', evidenceId: ids.boardResult('AAA/2013J/12') });
  });
});
