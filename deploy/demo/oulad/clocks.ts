import { setTimeout as sleep } from 'node:timers/promises';
import { DateTime } from 'luxon';
import type { Endpoints } from '../../local/endpoints';
import { timeZone } from './calendar';

/** Before the first registration of the data set: where the clocks of a product begin that is started for it. */
export const clockStart = '2012-01-01T00:00:00Z';

// How long a service may be away, such as when it is started again. Milliseconds.
const patience = 60_000;

/** Sets one clock forward. False when it stands later already, or cannot be set where the service runs. */
const walkClock = async (url: string, token: string, now: string): Promise<boolean> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const begun = Date.now();
  for (;;) {
    const request = { method: 'PUT', headers, body: JSON.stringify({ now }) };
    const answer = await fetch(url, request).catch((error: unknown) => error as Error);
    if (!(answer instanceof Error)) {
      if (answer.ok) return true;
      if (answer.status === 422 || answer.status === 404) return false;
      if (answer.status < 500) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
    }
    if (Date.now() - begun > patience) throw new Error(`${url} does not answer.`);
    await sleep(500);
  }
};

/** Walks the clocks of all services on to an instant. False when one of them stands later already and is left alone. */
export const walkClocks = async (
  { api, grpc }: Pick<Endpoints, 'api' | 'grpc'>,
  token: string,
  to: string,
): Promise<boolean> => {
  const walked: boolean[] = [];
  for (const service of Object.keys(grpc)) walked.push(await walkClock(`${api}/${service}/v1/clock`, token, to));
  return walked.every(Boolean);
};

/** The instant at which a month, `YYYY-MM`, is over. */
export const endOfMonth = (period: string): string =>
  DateTime.fromISO(period, { zone: timeZone }).plus({ months: 1 }).toJSDate().toISOString();
