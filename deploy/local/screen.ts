import { relative } from 'node:path';
import type { Endpoints } from './endpoints';
import { ROOT, SERVICES } from './layout';
import { ROLES } from './roles';
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

const howTo = (endpoints: Endpoints): string[] => {
  const npm = npmRun();
  const services = SERVICES.map(
    (name) => `  ${name.padEnd(10)} REST ${endpoints.api}/${name}/v1   gRPC ${endpoints.grpc[name]}`,
  );
  return [
    ...services,
    ...SERVICES.map((name) => `  OpenAPI    ${endpoints.api}/${name}/openapi.json`),
    '',
    `A token (${ROLES.join(', ')}):`,
    `  ${npm} token operations`,
  ];
};

const examples = (endpoints: Endpoints): string[] => [
  'Over REST:',
  `  curl -H "Authorization: Bearer $(${npmRun()} token operations)" ${reportAddress(endpoints)}`,
  'Over gRPC:',
  `  ${npmRun()} grpc -- goal.v1.GoalService/GetOrganisation '{"organisationId":"${endpoints.demoOrganisationId}"}'`,
];

/** What the reader sees once all is up: at most forty lines. */
export const screen = async (endpoints: Endpoints, folder: string): Promise<string> => {
  const text = await report(endpoints);
  const demo = text === undefined ? [] : [...examples(endpoints), '', 'The demo client:', '', text.trimEnd()];
  const lines = ['', 'Oppi runs. Ctrl-C stops it.', '', ...howTo(endpoints), ...demo, ''];
  return [...lines, `Data and logs: ${folder}`].join('\n');
};
