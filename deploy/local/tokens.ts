import type { Endpoints } from './endpoints';
import type { Role } from './roles';

/** A token of a role from the running local issuer; of the demo client unless an organisation is named. */
export const tokenFor = async (
  { issuer }: Pick<Endpoints, 'issuer'>,
  role: Role,
  more: Readonly<{ organisationId?: string; sub?: string }> = {},
): Promise<string> => {
  const response = await fetch(`${issuer}/mint`, { method: 'POST', body: JSON.stringify({ role, ...more }) });
  const answer = (await response.json()) as { access_token?: string; error_description?: string };
  if (!answer.access_token) throw new Error(`The local issuer refused: ${answer.error_description ?? response.status}`);
  return answer.access_token;
};
