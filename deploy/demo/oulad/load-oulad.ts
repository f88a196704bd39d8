import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { GoalServiceClient, type GetImportResponse } from '@oppi/contracts/goal/v1/goal_service';
import { ReportingServiceClient } from '@oppi/contracts/reporting/v1/reporting_service';
import { timeZone } from './calendar';
import type { DataSet } from './data-set';
import { readFigures, type Reported } from './figures';
import { Ids } from './ids';
import { importAll } from './import-stream';
import { itemsFrom, kindAt, type Phase, phasesOf, type Role, sizeOf } from './phases';
import type { Progress } from './progress';
import { readDataSet } from './read-data-set';

/** Where to load to. Addresses are `host:port` without TLS; `tokenFor` mints an access token of a role. */
export type LoadOptions = Readonly<{
  folder: string;
  goalAddress: string;
  reportingAddress: string;
  tokenFor: (role: Role, organisationId: string) => Promise<string>;
  progress: Progress;
}>;

/** Refused items of one kind for one reason. */
type Refusals = Readonly<{ phase: string; kind: string; code: string; message: string; count: number }>;

/** What a load did. `sent` leaves out what an earlier run had brought in; `seconds` are those of the import alone. */
export type Loaded = Readonly<{
  organisationId: string;
  data: DataSet;
  phases: readonly Readonly<{ name: string; steps: readonly Readonly<{ kind: string; count: number }>[] }>[];
  items: number;
  sent: number;
  seconds: number;
  /** The first thousand a phase, by kind and reason; `refused` counts them all. */
  refusals: readonly Refusals[];
  refused: number;
}> &
  Reported;

// A dead peer is noticed by its silence, also when nothing closes the connection.
const channel = { 'grpc.keepalive_time_ms': 20_000, 'grpc.keepalive_timeout_ms': 10_000 };

// How long reporting may stand still before its figures are taken as they are. With refusals they never come to the full
// count, so there is less to wait for. Milliseconds.
const patience = 60_000;
const impatience = 10_000;

const bearer = async (token: Promise<string>): Promise<Metadata> => {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${await token}`);
  return metadata;
};

const registerOrganisation = async (client: GoalServiceClient, ids: Ids, metadata: Metadata): Promise<void> => {
  const requestId = `oulad-register-${ids.organisation}`;
  const request = { requestId, organisationId: ids.organisation, timeZone, currency: 'EUR' };
  await new Promise<void>((resolve, reject) => {
    const options = { deadline: Date.now() + 30_000 };
    client.registerOrganisation(request, metadata, options, (error) => {
      // Already there from an earlier run, which is what we want.
      if (!error || error.code === status.ALREADY_EXISTS) resolve();
      else reject(error);
    });
  });
};

const countRefusals = (phase: Phase, { refusals }: GetImportResponse): Refusals[] => {
  const counts = new Map<string, Refusals>();
  for (const { index, code, message } of refusals) {
    const kind = kindAt(phase, Number(index));
    const found = counts.get(`${kind} ${code}`);
    // The message of the first stands for all of its kind and code.
    counts.set(`${kind} ${code}`, {
      phase: phase.name,
      kind,
      code,
      message: found?.message ?? message,
      count: (found?.count ?? 0) + 1,
    });
  }
  return [...counts.values()];
};

type Imported = Pick<Loaded, 'sent' | 'seconds' | 'refusals' | 'refused'>;

const importPhases = async (
  client: GoalServiceClient,
  ids: Ids,
  phases: readonly Phase[],
  options: LoadOptions,
): Promise<Imported> => {
  const { progress, tokenFor } = options;
  const started = Date.now();
  const refusals: Refusals[] = [];
  let [before, sent, refused] = [0, 0, 0];
  for (const phase of phases) {
    progress.phase(phase.name);
    const total = sizeOf(phase);
    const { organisation: organisationId } = ids;
    const { importId, role } = phase;
    const target = { client, organisationId, importId, metadata: () => bearer(tokenFor(role, organisationId)) };
    let begun: number | undefined;
    const state = await importAll(
      target,
      { total, from: (index) => itemsFrom(phase, index) },
      {
        answered: (nextIndex) => {
          begun ??= nextIndex;
          progress.done(before + nextIndex);
        },
        broke: (error: ServiceError) =>
          progress.note(`The import broke (${error.details}); going on where it stopped.`),
      },
    );
    sent += total - (begun ?? 0);
    before += total;
    refused += Number(state.refused);
    refusals.push(...countRefusals(phase, state));
    checkComplete(phase, total, state);
  }
  return { sent, seconds: (Date.now() - started) / 1000, refusals, refused };
};

const checkComplete = ({ name }: Phase, total: number, { accepted, replayed, refused }: GetImportResponse): void => {
  const results = Number(accepted) + Number(replayed) + Number(refused);
  if (results !== total) throw new Error(`The import ${name} has ${results} results for ${total} items.`);
};

/**
 * Loads the Open University data set through the bulk API and reads its report back from the reporting API. A second run
 * finds its items there and only reads. Throws DataSetError for the files, and the service's error when it cannot be
 * reached or turns the caller away. Refused items and figures that fall short do not throw: they are in the result.
 */
export const loadOulad = async (options: LoadOptions): Promise<Loaded> => {
  const { folder, progress, tokenFor } = options;
  const data = await readDataSet(folder);
  const ids = new Ids(data.fingerprint);
  const phases = phasesOf(data, ids);
  const items = phases.reduce((sum, phase) => sum + sizeOf(phase), 0);
  const operations = () => bearer(tokenFor('operations', ids.organisation));
  const goals = new GoalServiceClient(options.goalAddress, credentials.createInsecure(), channel);
  const reporting = new ReportingServiceClient(options.reportingAddress, credentials.createInsecure(), channel);
  try {
    await registerOrganisation(goals, ids, await operations());
    progress.start(items);
    const imported = await importPhases(goals, ids, phases, options);
    progress.phase('reporting');
    const source = { client: reporting, metadata: operations };
    const reported = await readFigures(source, data, ids, imported.refused > 0 ? impatience : patience);
    return { organisationId: ids.organisation, data, phases, items, ...imported, ...reported };
  } finally {
    progress.stop();
    goals.close();
    reporting.close();
  }
};
