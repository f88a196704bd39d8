import nx from '@nx/eslint-plugin';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';
import { layers, packages, projects } from './deploy/check/boundaries.mjs';

const specs = [
  '**/*.spec.ts',
  '**/*.fixtures.ts',
  '**/src/testing.ts',
  '**/src/testing/**/*.ts',
  'libs/testing/**/*.ts',
];
const pure = ['**/services/*/src/domain/**/*.ts', 'libs/event-sourcing/src/**/*.ts'];
const kafka = ['libs/messaging/**/*.ts'];
const specsAmong = (paths) => paths.flatMap((path) => specs.map((spec) => [path, spec]));

const size = {
  'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
  complexity: ['error', { max: 10, variant: 'modified' }], // a switch over a union is one decision, however many cases
  'max-depth': ['error', 3],
  'max-params': ['error', 4],
};

const boundaries = {
  '@nx/enforce-module-boundaries': ['error', projects],
  'import-x/no-restricted-paths': ['error', layers()],
  'import-x/no-cycle': 'error', // classes injected into each other in a circle crash at load under swc
  'no-restricted-imports': packages(),
};

const types = {
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/no-confusing-void-expression': [
    'error',
    { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
  ],
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }], // a Nest module is an empty class
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  // It does not know that a flag may change during an await, and would have those checks deleted.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  // Nest declares its option bags as classes and means object literals.
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
  ],
};

// What runs before the handlers: set up in one place, where everybody looks (AUTH-43).
const gates = [
  {
    selector: 'MethodDefinition[key.name="configure"] CallExpression[callee.property.name="apply"]',
    message: 'Middleware runs before anybody knows who asks: there is none.',
  },
  {
    selector: 'CallExpression[callee.property.name=/^useGlobal(Guards|Filters|Interceptors|Pipes)$/]',
    message: 'One guard and one filter for everything, in the platform module.',
  },
  {
    selector: 'CallExpression[callee.property.name="addHook"]',
    message: 'Hooks on every request belong to http-server.ts.',
  },
];

const language = {
  eqeqeq: 'error',
  'no-console': 'error',
  'no-restricted-syntax': [
    'error',
    { selector: 'ExportAllDeclaration', message: 'Name what you export: a door that exports all hides its cost.' },
    { selector: 'TSEnumDeclaration', message: 'Use a union of literals: an enum is neither erased nor narrow.' },
    ...gates,
  ],
};

const inSpecs = {
  'import-x/no-restricted-paths': ['error', layers({ spec: true })],
  'no-restricted-imports': packages({ spec: true }),
  'max-lines-per-function': 'off', // a describe block is one function
  'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }], // one table of cases per subject stays together
  '@typescript-eslint/require-await': 'off', // a double of something asynchronous may have nothing to wait for
  '@typescript-eslint/no-non-null-assertion': 'off', // a wrong assertion fails the test it stands in
  'no-restricted-syntax': [
    ...language['no-restricted-syntax'],
    {
      selector: 'MemberExpression[object.name=/^(describe|it|test)$/][property.name="only"]',
      message: 'A focused test silently drops all the others.',
    },
    {
      selector: 'MemberExpression[object.name=/^(describe|it|test)$/][property.name="skip"]',
      message: 'Make it run or delete it; a suite that needs what may be missing uses describeIfAvailable.',
    },
  ],
};

export default tseslint.config(
  { ignores: ['dist', 'coverage', '.nx', '.local', 'libs/contracts/src/generated', 'deploy/check/fixtures'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { '@nx': nx, 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })],
      'import-x/extensions': ['.ts'], // no-cycle follows nothing else, and says nothing about it
    },
    rules: { ...boundaries, ...types, ...language, ...size },
  },
  {
    files: ['**/*.{mjs,cjs}'],
    rules: {
      ...size,
      eqeqeq: 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },

  // The options of a later entry replace those of an earlier one; hence the last two, for files that are both.
  { files: pure, rules: { 'no-restricted-imports': packages({ domain: true }) } },
  { files: kafka, rules: { 'no-restricted-imports': packages({ kafka: true }) } },
  { files: ['libs/service/src/platform.module.ts'], rules: { 'no-restricted-imports': packages({ gate: true }) } },
  {
    files: ['libs/service/src/http-server.ts'],
    rules: { 'no-restricted-syntax': language['no-restricted-syntax'].filter((rule) => !gates.includes(rule)) },
  },
  { files: specs, rules: inSpecs },
  { files: specsAmong(pure), rules: { 'no-restricted-imports': packages({ domain: true, spec: true }) } },
  { files: specsAmong(kafka), rules: { 'no-restricted-imports': packages({ kafka: true, spec: true }) } },

  // A dynamic module is a class with static methods only.
  { files: ['**/*.module.ts'], rules: { '@typescript-eslint/no-extraneous-class': 'off' } },
  { files: ['deploy/**/*.ts'], rules: { 'no-console': 'off' } }, // command line programs: the console is their output
);
