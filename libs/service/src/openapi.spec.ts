import { openApiDocument } from './openapi';
import { sampleOperations } from './testing/sample/sample';

type Operation = {
  operationId: string;
  parameters: { in: string; name: string; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: { properties: object; required: string[] } }> };
  responses: Record<string, { headers?: object; content?: object }>;
};

const document = openApiDocument('sample', sampleOperations, { clock: true });
const at = (path: string, method: string) =>
  (document.paths as Record<string, Record<string, Operation>>)[`/sample/v1${path}`]?.[method] as Operation;

const named = ({ parameters }: Operation, place: string) =>
  parameters.filter((one) => one.in === place).map(({ name, required }) => [name, required ?? false]);

describe('the description of the REST side', () => {
  it('is OpenAPI 3.1 with a security scheme for all', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', security: [{ accessToken: [] }] });
  });

  it('has every operation under its rpc name', () => {
    const ids = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path as Record<string, Operation>));
    expect(ids.map(({ operationId }) => operationId).sort()).toEqual(
      ['Fail', 'GetTree', 'ListTrees', 'PlantTree', 'PruneTree', 'SetClock'].sort(),
    );
  });

  it('puts fields of the path there and the rest into the body', () => {
    const plant = at('/organisations/{organisationId}/trees', 'post');
    expect(named(plant, 'path')).toEqual([['organisationId', true]]);
    const schema = plant.requestBody?.content['application/json']?.schema;
    expect(Object.keys(schema?.properties ?? {})).toEqual([
      'treeId',
      'kind',
      'heightCm',
      'evergreen',
      'branches',
      'occurredAt',
      'note',
    ]);
    expect(schema?.required).toEqual(['treeId', 'kind', 'heightCm']);
  });

  it('tells the headers of commands, required where a version is', () => {
    expect(named(at('/organisations/{organisationId}/trees', 'post'), 'header')).toEqual([
      ['Idempotency-Key', true],
      ['If-Match', false],
    ]);
    expect(named(at('/organisations/{organisationId}/trees/{treeId}/prune', 'post'), 'header')).toEqual([
      ['Idempotency-Key', true],
      ['If-Match', true],
    ]);
    expect(named(at('/organisations/{organisationId}/trees/{treeId}', 'get'), 'header')).toEqual([
      ['If-None-Match', false],
    ]);
    expect(named(at('/organisations/{organisationId}/trees', 'get'), 'query')).toEqual([
      ['limit', false],
      ['evergreen', false],
    ]);
  });

  it('lists each answer, refusals as problems', () => {
    const { responses } = at('/organisations/{organisationId}/trees/{treeId}/prune', 'post');
    expect(Object.keys(responses)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '408',
      '409',
      '412',
      '413',
      '414',
      '415',
      '417',
      '422',
      '428',
      '429',
      '431',
      '500',
      '503',
      '504',
    ]);
    expect(responses['422']).toEqual({ $ref: '#/components/responses/Problem422' });
    expect(document.components?.responses).toMatchObject({
      Problem422: { content: { 'application/problem+json': {} } },
      Problem429: { headers: { 'Retry-After': { required: true } } },
    });
    expect(Object.keys(responses['200']?.headers ?? {})).toEqual(['ETag', 'Idempotency-Replayed']);
    expect(Object.keys(at('/organisations/{organisationId}/trees/{treeId}', 'get').responses)).toContain('304');
  });
});
