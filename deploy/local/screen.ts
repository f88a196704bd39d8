import { relative } from 'node:path';
import type { Endpoints } from './endpoints';
import { ROOT, SERVICES } from './layout';
import { ROLES } from './roles';
import type { Stack } from './stack';
import { tokenFor } from './tokens';

/** How the reader calls our scripts from where `npm start` was typed. */
const npmRun = (): string => {
  const typedIn = process.env['INIT_CWD'] ?? process.cwd();
  const inside = !relative(ROOT, typedIn).startsWith('..');
  const folder = process.env['OPPI_LOCAL'] ? `OPPI_LOCAL='${process.env['OPPI_LOCAL']}' ` : '';
  return `${folder}npm run -s${inside ? '' : ` --prefix '${ROOT}'`}`;
};

const reportAddress = ({ api, demoOrganisationId }: Endpoints): string =>
  `${api}/reporting/v1/organisations/${demoOrganisationId}/attainment-report`;

/** The demo client's attainment report as text; undefined when there is no such client. */
const report = async (endpoints: Endpoints): Promise<string | undefined> => {
  const authorization = `Bearer ${await tokenFor(endpoints, 'operations')}`;
  const answer = await fetch(reportAddress(endpoints), { headers: { authorization } });
  if (!answer.ok) return undefined;
  const { text } = (await answer.json()) as { text?: string };
  return text;
};

const row = (name: string, text: string): string => `  ${name.padEnd(17)}${text}`;

const addresses = ({ api, grpc }: Endpoints): string[] =>
  SERVICES.flatMap((name) => [
    row(name, `${api}/${name}/v1   gRPC ${grpc[name]}`),
    row('', `${api}/${name}/openapi.json`),
  ]);

const calls = (endpoints: Endpoints): string[] => [
  row('REST', `curl -H "Authorization: Bearer $(${npmRun()} token operations)" ${reportAddress(endpoints)}`),
  row(
    'gRPC',
    `${npmRun()} grpc -- goal.v1.GoalService/GetOrganisation '{"organisationId":"${endpoints.demoOrganisationId}"}'`,
  ),
];

const ABOUT_DEMO =
  'The demo client (the clocks of the services stand just after a midnight, so that one of its goals is overdue):';

/** What the reader sees once all is up: at most forty lines. */
export const screen = async ({ endpoints, bus }: Pick<Stack, 'endpoints' | 'bus'>, folder: string): Promise<string> => {
  const text = await report(endpoints);
  return [
    '',
    `Oppi runs. Ctrl-C stops it; data and logs stay in ${folder}.`,
    '',
    ...addresses(endpoints),
    row('bus', bus.text),
    '',
    row('token', `${npmRun()} token operations`),
    row('', `or ${ROLES.filter((role) => role !== 'operations').join(', ')}`),
    ...(text === undefined ? [] : [...calls(endpoints), '', ABOUT_DEMO, '', text.trimEnd()]),
    '',
  ].join('\n');
};
