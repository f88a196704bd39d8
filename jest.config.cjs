// Nest and some libraries come as ES modules only; Jest on Node 20 reads CommonJS, so swc turns those into it.
const esModules = [
  '@nestjs',
  'jose',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
];

const aliases = Object.fromEntries(
  Object.entries(require('./tsconfig.base.json').compilerOptions.paths).map(([alias, [target]]) => [
    `^${alias.replace('*', '(.*)')}$`,
    `<rootDir>/${target.replace('./', '').replace('*', '$1')}`,
  ]),
);

const project = (displayName, testMatch, more = {}) => ({
  displayName,
  testMatch,
  rootDir: __dirname,
  testEnvironment: 'node',
  cacheDirectory: '<rootDir>/.nx/jest',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/'],
  moduleNameMapper: aliases,
  transform: { '^.+\\.[cm]?[tj]s$': ['@swc/jest', { ...require('./swc.config.cjs'), sourceMaps: 'inline' }] },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
  ...more,
});

const onServers = ['<rootDir>/{libs,services,deploy}/**/*.{int,e2e}.spec.ts'];
const server = {
  globalSetup: '<rootDir>/libs/testing/src/global-setup.ts',
  globalTeardown: '<rootDir>/libs/testing/src/global-teardown.ts',
};
const unit = ['<rootDir>/{libs,services,deploy}/**/*.spec.ts', '!**/*.{int,e2e}.spec.ts'];

module.exports = {
  maxWorkers: 2,
  testTimeout: 30_000, // ms: real servers start and crash here, on machines that have other work to do
  projects: [
    project('unit', unit),
    project('integration', [...onServers, '!**/deploy/kafka/**'], server),
    // Apart, for a broker needs a core of its own; reported as not run where there is no Java or Maven.
    project('kafka', ['<rootDir>/deploy/kafka/**/*.int.spec.ts'], server),
  ],
};
