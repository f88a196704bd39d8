const { paths } = require('./tsconfig.base.json').compilerOptions;

/** One compilation for build and tests: decorators with their metadata, CommonJS, path aliases made relative. */
module.exports = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2022',
    keepClassNames: true,
    baseUrl: __dirname,
    paths,
  },
  module: { type: 'commonjs' },
  sourceMaps: true,
};
