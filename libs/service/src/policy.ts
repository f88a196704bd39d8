import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { Role } from './caller';

/** Who may reach a handler. `operation` leaves the roles to the dispatcher, which checks them for imports too. */
export type Policy = 'public' | 'operation' | readonly Role[];

export const POLICY = Symbol('policy');

/** For handlers outside the operations: only these roles. Which organisations they may name, the handler has to check. */
export const Allow = (...roles: Role[]): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(POLICY, roles));

/** No token at all: health, metrics, documentation, calendar feeds. */
export const Public = (): MethodDecorator & ClassDecorator => applyDecorators(SetMetadata(POLICY, 'public'));
