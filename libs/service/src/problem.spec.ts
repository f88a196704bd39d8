import { status } from '@grpc/grpc-js';
import { NotFoundException, PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import { DomainError } from '@oppi/event-sourcing';
import { grpcErrorOf } from './grpc-status';
import { ofHttpStatus, type ProblemKind, problemOf, WIRE } from './problem';
import { decodeStatus } from './testing/status-details';

const coded = (code: unknown, message = 'SECRET-CANARY'): Error => Object.assign(new Error(message), { code });

describe('ERR-03: the error table', () => {
  it.each([
    ['invalid', 400, 3],
    ['unauthenticated', 401, 16],
    ['forbidden', 403, 7],
    ['not-found', 404, 5],
    ['conflict', 409, 6],
    ['unknown-yet', 409, 10],
    ['stale', 412, 10],
    ['version-required', 428, 9],
    ['refused', 422, 9],
    ['too-large', 413, 8],
    ['too-many', 429, 8],
    ['too-slow', 504, 4],
    ['unavailable', 503, 14],
    ['internal', 500, 13],
  ] as const)('says %s as %i and %i', (kind, http, grpc) => {
    expect(WIRE[kind]).toMatchObject({ http, grpc });
  });
});

describe('ERR-04: what is worth another try', () => {
  const WORTH_IT: readonly string[] = ['unknown-yet', 'too-many', 'unavailable'];

  it.each(Object.keys(WIRE) as ProblemKind[])('is said alike on both wires, of %s too', (kind) => {
    const problem = { kind, code: 'some-code', message: 'm', violations: [] };
    const details = decodeStatus(grpcErrorOf(problem).metadata.get('grpc-status-details-bin')[0] as Buffer);
    expect([WIRE[kind].retryAfterSeconds !== undefined, details.retrySeconds !== undefined]).toEqual(
      Array(2).fill(WORTH_IT.includes(kind)),
    );
    // Clients of gRPC try this one again by themselves.
    expect(WIRE[kind].grpc === status.UNAVAILABLE).toBe(kind === 'unavailable');
    expect([502, 503].includes(WIRE[kind].http)).toBe(kind === 'unavailable');
  });

  it.each([400, 404, 405, 408, 413, 414, 415, 417, 431])('is nothing that the server itself refuses: %i', (http) => {
    expect(WORTH_IT).not.toContain(ofHttpStatus(http).kind);
  });
});

describe('the problem of an error', () => {
  it('is what a refusal says', () => {
    const violations = [{ pointer: '/a', message: 'no' }];
    const refusal = new DomainError('refused', 'goal-closed', 'The goal is closed.', violations);
    expect(problemOf(refusal)).toEqual({
      kind: 'refused',
      code: 'goal-closed',
      message: 'The goal is closed.',
      violations,
    });
  });

  it.each([
    [new NotFoundException('Cannot GET /x?token=1'), 'route-not-found'],
    [new PayloadTooLargeException(), 'body-too-large'],
    [new UnsupportedMediaTypeException(), 'media-type-not-supported'],
  ])('is our own wording of what the framework refuses: %#', (error, code) => {
    expect(problemOf(error)).toMatchObject({ code });
    expect(JSON.stringify(problemOf(error))).not.toContain('token');
  });

  it.each([
    ['a refused connection', coded('ECONNREFUSED')],
    ['an administrator who shuts the database down', coded('57P01')],
    ['a database that starts', coded('57P03')],
    ['too many connections', coded('53300')],
    ['a lost connection', coded('08006')],
    ['a database that became a standby', coded('25006')],
    ['a pool that is used up', coded(undefined, 'timeout exceeded when trying to connect')],
    ['a connection that broke', coded(undefined, 'Connection terminated unexpectedly')],
    ['another service that is down', coded(14)],
    ['another service that is slow', coded(4)],
  ])('is unavailable for %s', (_, error) => {
    expect(problemOf(error)).toMatchObject({ kind: 'unavailable', code: 'dependency-unavailable' });
  });

  it.each(['40001', '40P01', '55P03', '57014', '25P03'])('is busy for what may pass later: %s', (code) => {
    expect(problemOf(coded(code))).toMatchObject({ kind: 'unavailable', code: 'busy' });
  });

  it.each([
    ['a bug', new TypeError('SECRET-CANARY')],
    ['a broken constraint', coded('23505')],
    ['another service that refuses', coded(9)],
    ['something that is no error', 'SECRET-CANARY'],
  ])('is internal and says nothing for %s', (_, error) => {
    expect(problemOf(error)).toMatchObject({ kind: 'internal', code: 'internal' });
    expect(JSON.stringify(problemOf(error))).not.toContain('SECRET');
  });
});
