import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { testIssuer, type TestIssuer } from './testing';
import { answersIn, bytesOf, exchange, type RawAnswer } from './testing/http-bytes';
import { startSample } from './testing/sample/start-sample';

const CASES = Number(process.env['FUZZ_CASES'] ?? 1_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const AT_ONCE = 50;
const TIME_MS = 300_000;

const organisationId = randomUUID();
const trees = `/sample/v1/organisations/${organisationId}/trees`;
let issuer: TestIssuer;
let sample: Awaited<ReturnType<typeof startSample>>;
let token: string;

beforeAll(async () => {
  issuer = await testIssuer();
  sample = await startSample(issuer);
  token = await issuer.token('manager', organisationId);
});

afterAll(async () => {
  await sample.service.stop();
  await issuer.stop();
});

const judge = ({ status, type, body }: RawAnswer): void => {
  if (status >= 500 || Number.isNaN(status)) throw new Error(`a fault of ours: ${status} ${body}`);
  if (status < 400) return;
  if (!type.startsWith('application/problem+json')) throw new Error(`no problem: ${status} ${type} ${body}`);
  // An answer to HEAD has a type and no body.
  const problem = body === '' ? { status, code: '-' } : (JSON.parse(body) as { status: number; code: string });
  if (problem.status !== status || problem.code === '') throw new Error(`a problem of another kind: ${body}`);
};

// Empty lines are no request. Behind a wish to upgrade Node keeps a broken chunk to itself; the 30 s of a request end that.
const isOwedAnAnswer = (bytes: Buffer): boolean =>
  /[^\r\n]/.test(bytes.toString('latin1')) && !/upgrade:/i.test(bytes.toString('latin1'));

describe(`bytes that are hardly HTTP as bad input (F83; seed ${SEED}, ${CASES} cases)`, () => {
  it(
    'are answered as problems, never by a fault, and never left waiting',
    async () => {
      const met = new Map<number, number>();
      const one = async (bytes: Buffer): Promise<void> => {
        const about = `${bytes.subarray(0, 3_000).toString('latin1')} (${bytes.length} bytes)`;
        let { text, closed } = await exchange(sample.service.httpPort, bytes, 150);
        // What ends before its answer could come is asked again with more patience.
        if (text === '' && closed) ({ text, closed } = await exchange(sample.service.httpPort, bytes, 2_000));
        if (!closed) throw new Error(`left waiting: ${about}`);
        const answers = answersIn(text);
        if (answers.length === 0 && isOwedAnAnswer(bytes)) throw new Error(`no answer: ${about}`);
        for (const answer of answers) {
          met.set(answer.status, (met.get(answer.status) ?? 0) + 1);
          try {
            judge(answer);
          } catch (error) {
            throw new Error(`${String(error)} to ${about}`, { cause: error });
          }
        }
      };
      const cases = bytesOf({ paths: [trees, `${trees}/${randomUUID()}`, '/livez', '/nowhere'], token });
      const batches = fc.array(cases, { minLength: AT_ONCE, maxLength: AT_ONCE });
      await fc.assert(
        fc.asyncProperty(batches, async (batch) => {
          const judged = await Promise.allSettled(batch.map(one));
          for (const each of judged) if (each.status === 'rejected') throw each.reason;
        }),
        { seed: SEED, numRuns: Math.ceil(CASES / AT_ONCE), endOnFailure: true },
      );
      // What a server says to such things was said, or the bytes have gone astray.
      expect([...met.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 405, 413]));
      expect(await sample.service.ready()).toEqual([]);
      expect(sample.lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    },
    TIME_MS,
  );
});
