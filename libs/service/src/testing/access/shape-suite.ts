import { CLIENT_ROLES, PROVIDER_ROLES } from '../../caller';
import { type OperationType, specOf } from '../../operation';
import { inputSchemaOf, openObjectsOf, outputSchemaOf, unboundedFieldsOf } from './inputs';

/** What every operation must be like, before any call: limits on all that it takes, nothing unnamed in or out, roles. */
export const shapeSuite = (name: string, operations: readonly OperationType[]): void => {
  describe(`what ${name} takes and gives`, () => {
    it.each(operations.map((operation) => [operation.name, operation] as const))(
      'API4: every text and list of %s has a limit',
      (_, operation) => {
        expect(unboundedFieldsOf(inputSchemaOf(operation))).toEqual([]);
      },
    );

    it.each(operations.map((operation) => [operation.name, operation] as const))(
      'PERM-03, PERM-04: %s takes and answers named fields only, at every depth',
      (_, operation) => {
        expect(openObjectsOf(inputSchemaOf(operation))).toEqual([]);
        expect(openObjectsOf(outputSchemaOf(operation))).toEqual([]);
      },
    );

    it('PERM-01: has roles for every operation, each known', () => {
      for (const operation of operations) {
        const allowed = [...specOf(operation).allow];
        expect([operation.name, allowed.length > 0]).toEqual([operation.name, true]);
        expect([...PROVIDER_ROLES, ...CLIENT_ROLES]).toEqual(expect.arrayContaining(allowed));
      }
    });
  });
};
