import type { INestApplication } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { policyOf } from './auth-guard';

// How Nest marks the handlers of routes and of messages.
const HANDLER_MARKS = ['path', 'microservices:pattern'];

const scanner = new MetadataScanner();

const unguarded = (type: { name: string; prototype: Record<string, unknown> }): string[] =>
  scanner
    .getAllMethodNames(type.prototype)
    .filter((name) => {
      const handler = type.prototype[name] as object;
      const isHandler = HANDLER_MARKS.some((mark) => Reflect.hasMetadata(mark, handler));
      return isHandler && policyOf(handler, type) === undefined;
    })
    .map((name) => `${type.name}.${name}`);

/** Throws when any handler says nothing of who may reach it, so that a forgotten policy stops the start, not a caller. */
export const requirePolicies = (app: INestApplication): void => {
  const open = [...app.get(ModulesContainer).values()].flatMap(({ controllers }) =>
    [...controllers.values()].flatMap(({ metatype }) =>
      unguarded(metatype as unknown as Parameters<typeof unguarded>[0]),
    ),
  );
  if (open.length > 0) throw new Error(`No policy on ${open.join(', ')}: use @Operation, @Allow or @Public.`);
};
