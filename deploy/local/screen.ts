import { relative } from 'node:path';
import { storyOf } from '../demo/first-client/story';
import type { Endpoints } from './endpoints';
import { ROOT, SERVICES } from './layout';
import { ROLES } from './roles';
import type { Stack } from './stack';

/** How the reader calls our scripts from where `npm start` was typed. */
const npmRun = (): string => {
  const typedIn = process.env['INIT_CWD'] ?? process.cwd();
  const inside = !relative(ROOT, typedIn).startsWith('..');
  const folder = process.env['OPPI_LOCAL'] ? `OPPI_LOCAL='${process.env['OPPI_LOCAL']}' ` : '';
  return `${folder}npm run -s${inside ? '' : ` --prefix '${ROOT}'`}`;
};

const reportAddress = ({ api, demoOrganisationId }: Endpoints): string =>
  `${api}/reporting/v1/organisations/${demoOrganisationId}/attainment-report`;

const row = (name: string, text: string): string => `  ${name.padEnd(17)}${text}`;

const addresses = ({ api, grpc }: Endpoints): string[] =>
  SERVICES.map((name) => row(name, `${api}/${name}/v1   ${api}/${name}/openapi.json   gRPC ${grpc[name]}`));

const calls = (endpoints: Endpoints): string[] => [
  row('REST', `curl -H "Authorization: Bearer $(${npmRun()} token operations)" ${reportAddress(endpoints)}`),
  row(
    'gRPC',
    `${npmRun()} grpc -- goal.v1.GoalService/GetOrganisation '{"organisationId":"${endpoints.demoOrganisationId}"}'`,
  ),
];

const ABOUT_DEMO =
  'The demo client, as the services tell it (their clocks stand just after a midnight, so that a goal is overdue):';

/** What the reader sees once all is up: one screen, from the addresses to a line of a statement and the evidence behind it. */
export const screen = async ({ endpoints, bus }: Pick<Stack, 'endpoints' | 'bus'>, folder: string): Promise<string> => {
  const story = await storyOf(endpoints);
  return [
    '',
    `Oppi runs. Ctrl-C stops it; data and logs stay in ${folder}.`,
    '',
    ...addresses(endpoints),
    row('bus', bus.text),
    '',
    row('token', `${npmRun()} token operations`),
    row('', `or ${ROLES.filter((role) => role !== 'operations').join(', ')}`),
    ...(story === undefined ? [] : [...calls(endpoints), '', ABOUT_DEMO, '', ...story]),
    '',
  ].join('\n');
};
