import { z } from 'zod';
import { organisationId, uuid } from './fields';
import { command, Operation, query } from './operation';
import { contractProblems } from './testing';
import { GetTree, PlantTree, PruneTree, sampleOperations } from './testing/sample/sample';
import { sampleContract } from './testing/sample/start-sample';

const problems = (operation: (typeof sampleOperations)[number]) =>
  contractProblems([operation], {
    ...sampleContract,
    boundElsewhere: ['PlantTree', 'PruneTree', 'GetTree', 'ListTrees', 'Fail', 'Echo'],
  });

describe('the comparison of operations and contract', () => {
  it('finds nothing where they agree', () => {
    expect(contractProblems(sampleOperations, { ...sampleContract, boundElsewhere: ['Echo'] })).toEqual([]);
  });

  it('finds rpcs that nobody bound', () => {
    expect(contractProblems([PlantTree, PruneTree], { ...sampleContract, boundElsewhere: ['Fail', 'Echo'] })).toEqual([
      'GetTree: no operation is bound to it',
      'ListTrees: no operation is bound to it',
    ]);
  });

  it('finds an operation without an rpc', () => {
    @Operation({ rpc: 'FellTree', http: 'POST /fell', allow: [], summary: '' })
    class FellTree extends command(z.strictObject({ organisationId })) {}
    expect(problems(FellTree as never)).toEqual(['FellTree: the contract has no rpc FellTree']);
  });

  it('finds fields that one side lacks, in lists of objects too', () => {
    const branches = z.array(z.strictObject({ name: z.string(), lengthCm: z.int(), age: z.int() }));
    @Operation({ rpc: 'PlantTree', http: 'POST /plant', allow: [], summary: '' })
    class Planted extends command(
      PlantTree.inputSchema.omit({ kind: true }).extend({ colour: z.string(), branches }),
    ) {}
    expect(problems(Planted as never)).toEqual([
      'sample.v1.PlantTreeRequest: the schema has colour, the message has not',
      'sample.v1.PlantTreeRequest: the message has kind, the schema has not',
      'sample.v1.Branch: the schema has age, the message has not',
      'sample.v1.Branch: the message has leaves, the schema has not',
    ]);
  });

  it('finds an answer that differs', () => {
    @Operation({ rpc: 'GetTree', http: 'GET /tree', allow: [], summary: '' })
    class Got extends query(
      z.strictObject({ organisationId, treeId: uuid }),
      GetTree.outputSchema.omit({ note: true }).extend({ branches: z.string() }),
    ) {}
    expect(problems(Got as never)).toEqual([
      'sample.v1.GetTreeResponse.branches: only one side is a list',
      'sample.v1.GetTreeResponse.branches: only one side is an object',
      'sample.v1.GetTreeResponse: the message has note, the schema has not',
    ]);
  });

  it('finds a zero or false that only REST can leave out', () => {
    @Operation({ rpc: 'PlantTree', http: 'POST /plant', allow: [], summary: '' })
    class Planted extends command(PlantTree.inputSchema.extend({ evergreen: z.boolean().optional() })) {}
    expect(problems(Planted as never)).toEqual([
      'sample.v1.PlantTreeRequest.evergreen: optional in the schema, so it has to be optional in the message',
    ]);
  });

  it('finds a command whose request cannot carry a key', () => {
    @Operation({ rpc: 'GetTree', http: 'GET /tree', allow: [], summary: '' })
    class Got extends command(z.strictObject({ organisationId, treeId: uuid }), GetTree.outputSchema) {}
    expect(problems(Got as never)).toEqual([
      'sample.v1.GetTreeRequest: a command needs requestId',
      'sample.v1.GetTreeRequest: a command needs expectedVersion',
    ]);
  });
});

describe('an operation', () => {
  it('names its tenant by the one schema for it', () => {
    expect(() => command(z.strictObject({ goalId: uuid }))).toThrow('names its tenant');
    expect(() => query(z.strictObject({ organisationId: z.string() }), z.strictObject({}))).toThrow('names its tenant');
  });

  it('has every field that its path names', () => {
    const bind = Operation({ rpc: 'X', http: 'GET /trees/:treeId', allow: [], summary: '' });
    expect(() => bind(class Bad extends command(z.strictObject({ organisationId })) {})).toThrow(
      'the path names treeId',
    );
  });
});
