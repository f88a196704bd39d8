// `npm start`: installs, generates, builds, then runs the product. Nothing here may need more than an old Node, so that an
// unsupported one gets a sentence and not a syntax error.
const NEEDED = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  console.error(`Oppi needs Node ${NEEDED.join('.')} or later; this is ${process.versions.node}.`);
  process.exit(1);
}

const { startFromSource } = await import('./start-from-source.mjs');
process.exitCode = await startFromSource(process.argv.slice(2));
