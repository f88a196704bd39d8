import type { INestApplication } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { policyOf } from './auth-guard';

// How Nest marks the handlers of routes and of messages.
const HANDLER_MARKS = ['path', 'microservices:pattern'];

/** Throws when any handler says nothing of who may reach it, so that a forgotten policy stops the start, not a caller. */
export const requirePolicies = (app: INestApplication): void => {
  const scanner = new MetadataScanner();
  const open: string[] = [];
  for (const module of app.get(ModulesContainer).values())
    for (const { metatype } of module.controllers.values()) {
      const type = metatype as { name: string; prototype: Record<string, unknown> };
      for (const name of scanner.getAllMethodNames(type.prototype)) {
        const handler = type.prototype[name] as object;
        const isHandler = HANDLER_MARKS.some((mark) => Reflect.hasMetadata(mark, handler));
        if (isHandler && policyOf(handler, type) === undefined) open.push(`${type.name}.${name}`);
      }
    }
  if (open.length > 0) throw new Error(`No policy on ${open.join(', ')}: use @Operation, @Allow or @Public.`);
};
