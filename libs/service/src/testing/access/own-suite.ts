import { randomUUID } from 'node:crypto';
import { type OperationType, specOf } from '../../operation';
import { bothWires, type CallOptions, type Wire, WireError } from '../both-wires';
import type { AccessStage } from './access-suite';
import { contentOf } from './contents';
import { inputSchemaOf, validInputOf } from './inputs';

/** A person with some of everything that operations are about: values by the names of the input fields they stand in. */
export type Subject = Readonly<{ personId: string } & Record<string, unknown>>;

/** Two persons of an organisation who have all alike, but that the coach has one of them in the own care. */
export type Subjects = Readonly<{ organisationId: string; coachId: string; own: Subject; other: Subject }>;

type OwnOptions = Readonly<{
  operations: readonly OperationType[];
  open: () => Promise<AccessStage>;
  close: () => Promise<void>;
  /** Makes the subjects; all that is told of them has arrived when it resolves. */
  subjects: (wire: Wire) => Promise<Subjects>;
}>;

type Limited = 'coach' | 'learner';
type Outcome = Readonly<{ answer?: string; problem?: string; status?: number }>;

const LIMITED: readonly Limited[] = ['coach', 'learner'];
// What a command leaves; other tables are folded from it.
const RECORDED = ['commands', 'content_vault', 'events', 'person_vault'];
const TELLING = /^(person|goal|concern|checkIn|entry|evidence|commitment)Id$/;

/** An input about a subject; without `named`, only in the fields that it must have. */
const inputAbout = (operation: OperationType, organisationId: string, subject: Subject, named: boolean): object => {
  const { required = [] } = inputSchemaOf(operation);
  const fields = named ? Object.keys(operation.inputSchema.shape) : required;
  const sample = Object.entries(validInputOf(operation, [randomUUID()])).filter(([field]) => required.includes(field));
  const about = Object.entries(subject).filter(([field]) => fields.includes(field));
  return { ...Object.fromEntries([...sample, ...about]), organisationId };
};

/** What tells that the subject is there. */
const idsOf = (subject: Subject): string[] =>
  Object.entries(subject).flatMap(([field, value]) => (TELLING.test(field) ? [String(value)] : []));

/** The same, only that nothing of it is there. */
const unheardOf = (subject: Subject): Subject => ({
  ...Object.fromEntries(
    Object.entries(subject).map(([field, value]) => [field, TELLING.test(field) ? randomUUID() : value]),
  ),
  personId: randomUUID(),
});

/**
 * Role x operation x own and other subject, from the list of operations alone: a coach and a learner reach their own, and of
 * another person of the same organisation nothing, neither by naming what is there nor on a list.
 */
export const ownSuite = (name: string, { operations, open, close, subjects }: OwnOptions): void => {
  const cases = operations.flatMap((operation) =>
    LIMITED.filter((role) => specOf(operation).allow.has(role)).map(
      (role) => [operation.name, role, operation] as const,
    ),
  );

  it.each(cases)('PERM-01: %s by a %s is on the own alone, or names nobody', (_, role, operation) => {
    const telling = Object.keys(operation.inputSchema.shape).filter((field) => TELLING.test(field));
    if (!specOf(operation).own.has(role)) expect(telling).toEqual([]);
  });

  describe.each(['http', 'grpc'] as const)(`subjects of ${name} over %s`, (wireName) => {
    let stage: AccessStage;
    let wires: ReturnType<typeof bothWires>;
    let about: Subjects;
    let tokens: Readonly<Record<Limited, string>>;

    beforeAll(async () => {
      stage = await open();
      wires = bothWires(stage.service);
      about = await subjects(wires[wireName]);
      const { organisationId, coachId, own } = about;
      const clients = [organisationId];
      tokens = {
        coach: await stage.issuer.token('coach', randomUUID(), { actorId: coachId, clients }),
        learner: await stage.issuer.token('learner', organisationId, { actorId: own.personId }),
      };
    });
    afterAll(async () => {
      wires.close();
      await close();
    });

    const attempt = async (operation: OperationType, input: object, options: CallOptions): Promise<Outcome> => {
      try {
        const answer = await wires[wireName].call(operation, input as { organisationId: string }, options);
        return { answer: JSON.stringify(answer) };
      } catch (error) {
        if (error instanceof WireError) return { problem: error.problem, status: error.status };
        throw error;
      }
    };
    const recorded = async (): Promise<string[]> => {
      const contents = await contentOf(stage.database, about.organisationId);
      return RECORDED.map((table) => `${table} ${contents[table]}`);
    };
    const notFound = { http: 404, grpc: 5 }[wireName];

    const ask = (
      [role, operation]: readonly [Limited, OperationType],
      subject: Subject,
      more: CallOptions & Readonly<{ unnamed?: boolean }> = {},
    ): Promise<Outcome> => {
      const { unnamed = false, ...options } = more;
      const version = specOf(operation).versionRequired && { expectedVersion: 1 };
      const input = inputAbout(operation, about.organisationId, subject, !unnamed);
      return attempt(operation, input, { token: tokens[role], ...version, ...options });
    };

    /** Whether it shows the own without being asked for something by name. Such a list may answer when another is named. */
    const isList = async (by: readonly [Limited, OperationType]): Promise<boolean> => {
      const { required = [] } = inputSchemaOf(by[1]);
      if (by[1].kind === 'command' || required.some((field) => TELLING.test(field))) return false;
      const { answer = '' } = await ask(by, about.own, { unnamed: true });
      return idsOf(about.own).some((id) => answer.includes(id));
    };

    it.each(cases)(
      'PERM-01, PERM-02: %s by a %s tells and does nothing of another subject',
      async (_, role, operation) => {
        const { other } = about;
        const by = [role, operation] as const;
        const isOwn = specOf(operation).own.has(role);
        const before = await recorded();

        const named = await ask(by, other);
        // About another everything but a list looks as if there were no such person.
        if (isOwn && !(await isList(by))) {
          expect(named).toMatchObject({ status: notFound });
          expect(await ask(by, unheardOf(other))).toEqual(named);
          // Nor is anything told by what a version that nobody saw is compared with.
          if (operation.kind === 'command') expect(await ask(by, other, { expectedVersion: 77 })).toEqual(named);
        }
        if (isOwn) expect(await recorded()).toEqual(before);
        const listed = operation.kind === 'query' ? await ask(by, other, { unnamed: true }) : {};
        for (const id of idsOf(other)) expect(`${named.answer} ${listed.answer}`).not.toContain(id);
      },
    );

    it.each(cases.filter(([, role, operation]) => specOf(operation).own.has(role)))(
      'PERM-01: %s by a %s reaches the own subject',
      async (_, role, operation) => {
        expect((await ask([role, operation], about.own)).status).not.toBe(notFound);
      },
    );
  });
};
