import { rm } from 'node:fs/promises';
import type { ImportItem } from '@oppi/contracts/goal/v1/goal_service';
import { Ids } from './ids';
import { itemsFrom, kindAt, type Phase, phasesOf, sizeOf } from './phases';
import { readDataSet } from './read-data-set';
import { smallTables, writeTables } from './small-data-set.fixtures';

let folder: string;
let ids: Ids;
let phases: Phase[];
beforeAll(async () => {
  folder = await writeTables(smallTables());
  const data = await readDataSet(folder);
  ids = new Ids(data.fingerprint);
  phases = phasesOf(data, ids);
});
afterAll(() => rm(folder, { recursive: true }));

const collected = async (items: AsyncIterable<ImportItem>): Promise<ImportItem[]> => {
  const all: ImportItem[] = [];
  for await (const item of items) all.push(item);
  return all;
};
const itemsOf = async (kind: string): Promise<ImportItem[]> => {
  const items: ImportItem[] = [];
  const step = phases.flatMap(({ steps }) => steps).find((one) => one.kind === kind);
  for await (const item of step?.items() ?? []) items.push(item);
  return items;
};

describe('the import of a data set', () => {
  it('has four streams of these sizes, each under its own token', () => {
    expect(phases.map((phase) => [phase.name, phase.role, sizeOf(phase)])).toEqual([
      ['register', 'operations', 2 + 3 + 9 + 10 + 10 + 10],
      ['agree', 'manager', 10],
      ['study', 'operations', 8 + 4 + 10],
      ['judge', 'verifier', 10 + 2 + 4],
    ]);
  });

  it('gives as many items as it says, and from any index on the rest of the same', async () => {
    for (const phase of phases) {
      const all = await collected(itemsFrom(phase, 0));
      expect(all).toHaveLength(sizeOf(phase));
      for (let index = 0; index <= all.length; index++)
        expect(await collected(itemsFrom(phase, index))).toEqual(all.slice(index));
    }
  });

  it('knows the kind of an item by its index', () => {
    const [register] = phases as [Phase];
    expect([0, 1, 2, 5, 14, 43, 44].map((index) => kindAt(register, index))).toEqual([
      'modules',
      'modules',
      'presentations',
      'persons',
      'memberships',
      'agreements by operations',
      'beyond the end',
    ]);
  });

  it('names the import by its data, so other files are another import', () => {
    const names = phases.map(({ importId }) => importId);
    expect(new Set(names).size).toBe(4);
    expect(names.every((name) => name.includes(ids.fingerprint.slice(0, 16)))).toBe(true);
  });
});

describe('what a row becomes', () => {
  it('is a team under its module', async () => {
    expect((await itemsOf('presentations'))[1]?.defineTeam).toMatchObject({
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
    expect(progress[0]).toMatchObject({ milestoneId: '1', percent: 78, carriedOver: false });
    expect(progress[2]).not.toHaveProperty('percent');
    expect(progress[4]).toMatchObject({ carriedOver: true, occurredAt: '2014-01-31T00:00:00.000Z' });
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

  it('is a board result at 24:00 of the last day that names its row, not its student', async () => {
    const results = (await itemsOf('board results')).map(({ submitEvidence }) => submitEvidence);
    expect(results[4]).toMatchObject({
      kind: 'board-result',
      sourceId: 'studentInfo:5',
      occurredAt: '2014-04-02T23:00:00.000Z',
    });
    expect(results[4]?.contentHash).toMatch(/^[0-9a-f]{64}$/);
    expect(results[7]?.occurredAt).toBe('2013-11-11T00:00:00.000Z');
  });

  it('is accepted for the criterion when passed, and for none otherwise', async () => {
    const acceptances = (await itemsOf('acceptances')).map(({ acceptEvidence }) => acceptEvidence);
    expect(acceptances.map((one) => one?.criterionIds.length)).toEqual([1, 0, 0, 0, 1, 0, 1, 0, 0, 1]);
    expect(acceptances[0]?.occurredAt).toBe('2013-10-11T23:00:00.000Z');
  });

  it('is missed at 24:00 of the last day when failed, also by one who left', async () => {
    const missed = (await itemsOf('missed')).map(({ missGoal }) => [missGoal?.goalId, missGoal?.occurredAt]);
    expect(missed).toEqual([
      [ids.goal('AAA/2014B/15'), '2014-04-02T23:00:00.000Z'],
      [ids.goal('BBB/2013J/17'), '2013-11-11T00:00:00.000Z'],
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
