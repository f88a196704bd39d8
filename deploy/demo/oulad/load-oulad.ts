import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { GoalServiceClient, type ImportItem } from '@oppi/contracts/goal/v1/goal_service';
import { ReportingServiceClient, type StatementSummary } from '@oppi/contracts/reporting/v1/reporting_service';
import { TimeAllocationServiceClient } from '@oppi/contracts/time_allocation/v1/time_allocation_service';
import type { Endpoints } from '../../local/endpoints';
import { timeZone } from './calendar';
import { call, type Source } from './call';
import { endOfMonth, walkClocks } from './clocks';
import { terms } from './commitments';
import { type Correction, corrected, readCorrection } from './correction';
import { type DataSet, hasPassed, type Registration } from './data-set';
import { readFigures, type Reported } from './figures';
import { Ids } from './ids';
import { PhaseImporter, type Refusals } from './import-phases';
import { commitmentsOf, documentHashes, issueStatements, periodsOf, statementsOf, waitForCharges } from './money';
import { type MoneyFigures, moneyFigures } from './money-figures';
import { correctionOf, type Phase, phasesOf, type Role, sizeOf, type StagePhases } from './phases';
import type { Progress } from './progress';
import { readDataSet } from './read-data-set';
import { type Stage, stagesOf } from './stages';
import { readTimeFigures, type TimeReported } from './time-figures';

/** Where to load to. `tokenFor` mints an access token of a role. */
export type LoadOptions = Readonly<{
  folder: string;
  endpoints: Pick<Endpoints, 'api' | 'grpc'>;
  tokenFor: (role: Role, organisationId: string) => Promise<string>;
  progress: Progress;
}>;

/** Statements and what a correction after them has done. Absent while charges are missing: then nothing is billed. */
type Billed = Readonly<{ money: MoneyFigures; correction: Correction }>;

/** What a load did. `sent` leaves out what an earlier run had brought in; `seconds` are those of the import alone. */
export type Loaded = Readonly<{
  organisationId: string;
  data: DataSet;
  phases: readonly Pick<Phase<unknown>, 'name' | 'steps'>[];
  items: number;
  sent: number;
  seconds: number;
  /** The first thousand a phase, by kind and reason; `refused` counts them all. */
  refusals: readonly Refusals[];
  refused: number;
  billed: Billed | undefined;
}> &
  Reported &
  TimeReported;

// A dead peer is noticed by its silence, also when nothing closes the connection.
const channel = { 'grpc.keepalive_time_ms': 20_000, 'grpc.keepalive_timeout_ms': 10_000 };

// How long a service may stand still before what it has is taken as it is. With refusals it never comes to the full count,
// so there is less to wait for. Milliseconds.
const longPatience = 60_000;
const shortPatience = 10_000;

/** One load, step by step. */
class Loading {
  private readonly ids: Ids;
  private readonly goals: GoalServiceClient;
  private readonly times: TimeAllocationServiceClient;
  private readonly reports: ReportingServiceClient;
  private readonly reporting: Source<ReportingServiceClient>;
  private readonly importer: PhaseImporter;
  private readonly stages: readonly Stage[];
  private readonly periods: readonly string[];
  private clocksNoted = false;

  constructor(
    private readonly data: DataSet,
    private readonly options: LoadOptions,
  ) {
    const { grpc } = options.endpoints;
    this.ids = new Ids(data.fingerprint);
    this.goals = new GoalServiceClient(grpc.goal, credentials.createInsecure(), channel);
    this.times = new TimeAllocationServiceClient(grpc['time-allocation'], credentials.createInsecure(), channel);
    this.reports = new ReportingServiceClient(grpc.reporting, credentials.createInsecure(), channel);
    this.reporting = { client: this.reports, metadata: () => this.as('operations') };
    this.importer = new PhaseImporter(this.ids, options.progress, (role) => this.as(role));
    this.stages = stagesOf(data);
    this.periods = periodsOf(data);
  }

  async run(): Promise<Loaded> {
    const { data, ids, importer, reporting } = this;
    const { progress } = this.options;
    const stages = this.stages.map((stage) => phasesOf(data, ids, stage));
    const correction = correctionOf(ids, corrected(data));
    const phases = [...stages.flatMap(({ goal, time }) => [...goal, ...time]), correction];
    const items = phases.reduce((sum, phase) => sum + sizeOf(phase), 0);
    await this.registerOrganisation();
    progress.start(items);
    for (const [index, stage] of stages.entries()) await this.bring(stage, `${index + 1}/${stages.length}`);

    progress.phase('reporting');
    const lacking = await this.bill();
    const statements = lacking === undefined ? await this.issuedStatements() : [];
    const knownAt = statements.at(-1)?.issuedAt;
    // As known when it was billed: what was corrected since does not change it.
    const reported = await readFigures(reporting, data, ids, { knownAt, voided: 0, patience: this.patience() });
    const timed = await readTimeFigures({ ...reporting, client: this.times }, data, ids, this.patience());
    const billed = lacking === undefined ? await this.correct(statements, correction) : undefined;
    const { sent, seconds, refusals, refused } = importer;
    const imported = { organisationId: ids.organisation, data, phases, items, sent, seconds, refusals, refused };
    return { ...imported, ...reported, ...timed, billed, shortfall: reported.shortfall ?? lacking };
  }

  close(): void {
    this.options.progress.stop();
    for (const client of [this.goals, this.times, this.reports]) client.close();
  }

  private async as(role: Role): Promise<Metadata> {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${await this.options.tokenFor(role, this.ids.organisation)}`);
    return metadata;
  }

  private patience(): number {
    return this.importer.refused > 0 ? shortPatience : longPatience;
  }

  private async registerOrganisation(): Promise<void> {
    const requestId = `oulad-register-${this.ids.organisation}`;
    const request = { requestId, organisationId: this.ids.organisation, timeZone, currency: terms.currency };
    await call(this.goals.registerOrganisation.bind(this.goals), request, this.as('operations')).catch(
      (error: unknown) => {
        // Already there from an earlier run, which is what we want.
        if ((error as ServiceError).code !== status.ALREADY_EXISTS) throw error;
      },
    );
  }

  /** Lives through one stage, unless an earlier run has. */
  private async bring({ stage, goal, time }: StagePhases, name: string): Promise<void> {
    const { importer, goals, times } = this;
    const isThere = (await importer.isThere(goals, goal)) && (await importer.isThere(times, time));
    if (!isThere) await this.walkClocks(stage.at);
    await importer.bring(goals, goal, name);
    if (!isThere) await waitForCharges(this.reporting, this.ids, this.attainedBy(stage.at), this.patience());
    await importer.bring(times, time, name);
  }

  /** Where a product runs that others use, its clocks stand later, and everything else works the same. */
  private async walkClocks(to: string): Promise<void> {
    const token = await this.options.tokenFor('operations', this.ids.organisation);
    if ((await walkClocks(this.options.endpoints, token, to)) || this.clocksNoted) return;
    this.clocksNoted = true;
    this.options.progress.note('The clocks of the product stand later than the data and are left alone.');
  }

  private attainedBy(at?: string): Registration[] {
    const stages = at === undefined ? this.stages : this.stages.filter((stage) => stage.at <= at);
    return stages.flatMap(({ judged }) => judged.filter(hasPassed));
  }

  private async issuedStatements(): Promise<StatementSummary[]> {
    const statements = await statementsOf(this.reporting, this.ids);
    return statements.filter((one) => one.status === 'issued' && this.periods.includes(one.period));
  }

  /** Issues what is not issued yet. Gives what is lacking instead: nothing is billed before all of it can be. */
  private async bill(): Promise<string | undefined> {
    const { reporting, ids, periods } = this;
    const last = periods.at(-1);
    if (last === undefined || (await this.issuedStatements()).length === periods.length) return undefined;
    const lacking = await waitForCharges(reporting, ids, this.attainedBy(), this.patience());
    if (lacking !== undefined) return lacking;
    await this.walkClocks(endOfMonth(last));
    await issueStatements(reporting, ids, periods, longPatience);
    return undefined;
  }

  private async correct(statements: readonly StatementSummary[], correction: Phase<ImportItem>): Promise<Billed> {
    const { reporting, ids, data } = this;
    const { commitments } = await commitmentsOf(reporting, ids, statements.at(-1)?.issuedAt);
    const money = moneyFigures(data, ids, commitments, statements);
    const hashes = await documentHashes(reporting, ids, statements);
    await this.importer.bring(this.goals, [correction], '');
    this.options.progress.phase('reporting');
    const done = { voided: corrected(data), statements, hashes, patience: this.patience() };
    return { money, correction: await readCorrection(reporting, data, ids, done) };
  }
}

/**
 * Loads the Open University data set through the public API: lives through its presentations in their order, bills what was
 * attained, corrects some of it, and reads the report back. A second run finds everything there and only reads. Throws
 * DataSetError for the files, and a service's error when it cannot be reached or turns the caller away. Refused items and
 * figures that fall short do not throw: they are in the result.
 */
export const loadOulad = async (options: LoadOptions): Promise<Loaded> => {
  const loading = new Loading(await readDataSet(options.folder), options);
  try {
    return await loading.run();
  } finally {
    loading.close();
  }
};
