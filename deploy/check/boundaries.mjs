// Who may import whom: between projects (tags in project.json), between the layers of a service, and from outside.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const foldersIn = (path) =>
  existsSync(join(root, path))
    ? readdirSync(join(root, path), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
    : [];

const mayUse = (sourceTag, ...onlyDependOnLibsWithTags) => ({ sourceTag, onlyDependOnLibsWithTags });

const inward = ['type:kernel', 'type:infra', 'type:contracts'];

/**
 * Options of @nx/enforce-module-boundaries. `type:testing` stands open to whole projects here because Nx knows no
 * files; `packages` below narrows it to specs.
 */
export const projects = {
  allow: ['fast-check'], // for the specs of the kernel; everywhere else knip keeps it a development dependency
  depConstraints: [
    ...foldersIn('services').map((name) => mayUse(`scope:${name}`, `scope:${name}`, 'scope:platform')),
    mayUse('scope:platform', 'scope:platform'),
    { ...mayUse('type:kernel', 'type:kernel'), bannedExternalImports: ['*'] },
    mayUse('type:contracts', 'type:contracts'),
    mayUse('type:infra', ...inward, 'type:testing'),
    mayUse('type:platform', ...inward, 'type:platform', 'type:testing'),
    mayUse('type:service', ...inward, 'type:platform', 'type:testing'),
    mayUse('type:tooling', 'type:tooling'),
    mayUse('type:testing', ...inward, 'type:platform', 'type:tooling', 'type:testing'),
    mayUse('type:deploy', ...inward, 'type:platform', 'type:tooling', 'type:testing'),
  ],
};

const layersOf = (service, { spec }) => {
  const src = `${service}/src`;
  const features = foldersIn(`${src}/features`).map((feature) => ({
    target: `${src}/features/${feature}`,
    from: `${src}/features`,
    except: [`./${feature}`],
    message: 'Features do not know each other: what two of them need is domain, or a library.',
  }));
  const infrastructure = {
    target: [`${src}/features`, `${src}/!(main|*.module).ts`],
    from: `${src}/infrastructure`,
    message: 'Only the module file and main.ts wire infrastructure.',
  };
  const domain = {
    target: `${src}/domain`,
    from: src,
    except: ['./domain'],
    message: 'Data flows from features to the domain, never back.',
  };
  return spec ? [domain, ...features] : [domain, ...features, infrastructure];
};

/** Options of import-x/no-restricted-paths: the layers inside each service. Specs may reach for infrastructure. */
export const layers = ({ spec = false } = {}) => ({
  basePath: root,
  zones: ['services', 'deploy/check/fixtures/services'].flatMap((parent) =>
    foldersIn(parent).flatMap((name) => layersOf(`${parent}/${name}`, { spec })),
  ),
});

const inMemoryBus = {
  name: '@nestjs/cqrs',
  importNames: [
    'AggregateRoot',
    'EventBus',
    'EventPublisher',
    'EventsHandler',
    'IEventHandler',
    'Saga',
    'UnhandledExceptionBus',
  ],
  message:
    'Events are stored, then published from the log. The in-memory bus loses them; CommandBus and QueryBus stay.',
};
const gates = [
  {
    name: '@nestjs/common',
    importNames: ['MiddlewareConsumer', 'NestMiddleware', 'NestModule'],
    message:
      'Middleware runs before anybody knows who asks: there is none. The guard chain of the platform is the gate.',
  },
  {
    name: '@nestjs/core',
    importNames: ['APP_FILTER', 'APP_GUARD', 'APP_INTERCEPTOR', 'APP_PIPE'],
    message: 'One guard and one filter for everything, in the platform module: a second one could open what it shuts.',
  },
];
const pure = (...allowed) => ({
  regex: `^(?!\\.{1,2}(/|$)|(${allowed.join('|')})$)`,
  message: 'The domain is pure: no framework, no I/O, nothing but @oppi/event-sourcing.',
});

/**
 * Options of no-restricted-imports: `domain` and `spec` say where the file stands, `kafka` that it may use kafkajs, `gate`
 * that it may put something in front of every request.
 */
export const packages = ({ domain, spec, kafka, gate } = {}) => [
  'error',
  {
    paths: [inMemoryBus, ...(gate ? [] : gates)],
    patterns: [
      ...(domain
        ? [pure('@oppi/event-sourcing', ...(spec ? ['@oppi/event-sourcing/testing', 'fast-check'] : []))]
        : []),
      ...(spec ? [] : [{ regex: '^@oppi/(testing|.+/testing)$', message: 'Test kits are for specs.' }]),
      ...(kafka ? [] : [{ group: ['kafkajs'], message: 'The bus port of @oppi/messaging is the only way to Kafka.' }]),
    ],
  },
];
