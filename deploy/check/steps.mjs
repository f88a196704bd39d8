// What `npm test` runs, in order: each step is a name and the commands that must all succeed.
const nx = (...args) => ['nx', ...args];
const buf = (...args) => ({ command: ['buf', ...args], cwd: 'proto' });
const script = (name, ...args) => ['node', `deploy/check/${name}.mjs`, ...args];
const jest = (project, report) => ({
  name: project,
  report,
  commands: [['jest', '--selectProjects', project, '--json', `--outputFile=${report}`]],
});

const checks = [
  {
    name: 'contracts',
    commands: [nx('run', 'contracts:generate'), buf('lint'), buf('format', '--diff', '--exit-code')],
  },
  { name: 'types', commands: [['tsc', '--project', 'tsconfig.json']] },
  { name: 'event fields', commands: [script('event-fields')] },
  { name: 'lint', commands: [nx('run-many', '--targets', 'lint')] },
  { name: 'proof', commands: [script('prove')] }, // after lint: the project graph it needs is there
  { name: 'format', commands: [['prettier', '--check', '--log-level', 'warn', '.']] },
  { name: 'unused', commands: [['knip', '--config', 'deploy/check/knip.jsonc']] },
  { name: 'build', commands: [nx('run-many', '--targets', 'build')] },
  { name: 'openapi', commands: [script('openapi')] },
  { name: 'permissions', commands: [script('permissions')] },
  { name: 'supply chain', commands: [script('supply-chain')] },
];

/** The steps asked for: `names` of some, or all; `checksOnly` leaves Jest out, which writes its JSON into `reports`. */
export const selectSteps = ({ names, checksOnly, reports }) => {
  const tests = ['unit', 'integration', 'kafka'].map((project) => jest(project, `${reports}/${project}.json`));
  const all = [...checks, ...tests];
  const unknown = names.filter((name) => !all.some((step) => step.name === name));
  if (unknown.length > 0)
    throw new Error(`No such step: ${unknown.join(', ')}. There are: ${all.map((step) => step.name).join(', ')}.`);
  if (names.length > 0) return all.filter((step) => names.includes(step.name));
  return checksOnly ? checks : all;
};
