import {
  credentials,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
  status,
} from '@grpc/grpc-js';
import {
  CommitmentStanding,
  GetAttainmentReportResponse,
  type Line,
  ReportingServiceClient,
  ReportingServiceService,
  StatementSummary,
} from '@oppi/contracts/reporting/v1/reporting_service';
import type { MoneySource } from './money';

/** Answers of a call, one after the other; the last one stays. */
const next = <T>(answers: T[]): T => (answers.length > 1 ? answers.shift() : answers[0]) as T;

/** Reporting over the real wire, with what it knows written down by the test. */
export class ToldReporting {
  commitments: Partial<CommitmentStanding>[][] = [[]];
  statements: StatementSummary[] = [];
  draft: Partial<StatementSummary> = {};
  lines: Line[] = [];
  report = GetAttainmentReportResponse.fromPartial({ basis: { complete: true } });
  documents = new Map<string, string[]>();
  /** What the next issues are refused with. */
  refusals: string[] = [];
  readonly issued: { requestId: string; period: string }[] = [];
  readonly knownAt: (string | undefined)[] = [];
  private readonly server = new Server();
  private client: ReportingServiceClient | undefined;

  async start(): Promise<void> {
    const { listCommitments, listCharges, listStatements, getStatement, issueStatement, ...more } =
      ReportingServiceService;
    const { getStatementDocument, getAttainmentReport } = more;
    const money = { listCommitments, listCharges, listStatements, getStatement, issueStatement, getStatementDocument };
    this.server.addService({ ...money, getAttainmentReport }, this.handlers());
    const port = await new Promise<number>((resolve, reject) =>
      this.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    this.client = new ReportingServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  stop(): void {
    this.client?.close();
    this.server.forceShutdown();
  }

  get source(): MoneySource {
    return { client: this.client as ReportingServiceClient, metadata: () => Promise.resolve(new Metadata()) };
  }

  private handlers(): UntypedServiceImplementation {
    type Told = Readonly<{
      period: string;
      part: number;
      requestId: string;
      knownAt?: string;
      commitmentId?: string;
      cursor?: string;
    }>;
    const on = (answer: (request: Told) => unknown): handleUnaryCall<Told, unknown> => {
      return ({ request }, reply) => {
        try {
          reply(null, answer(request));
        } catch (error) {
          reply(error as Error);
        }
      };
    };
    return {
      listCommitments: on(({ knownAt }) => {
        this.knownAt.push(knownAt);
        return { commitments: next(this.commitments).map((one) => CommitmentStanding.fromPartial(one)), text: '' };
      }),
      listStatements: on(() => ({ statements: this.statements })),
      getStatement: on(({ period }) => ({
        statement: StatementSummary.fromPartial({ ...this.draft, period, status: 'draft' }),
        lines: [],
        text: '',
      })),
      issueStatement: on(({ requestId, period }) => {
        const details = this.refusals.shift();
        const code = details?.startsWith('statement') ? status.UNAVAILABLE : status.FAILED_PRECONDITION;
        if (details !== undefined) throw Object.assign(new Error(details), { code, details });
        this.issued.push({ requestId, period });
        return { version: 1, position: '1', replayed: false };
      }),
      getStatementDocument: on(({ period, part }) => {
        const parts = this.documents.get(period) ?? [];
        const base64 = Buffer.from(parts[part] ?? '').toString('base64');
        return { mediaType: 'application/json', sha256: '', part, parts: parts.length, base64 };
      }),
      // Two lines a page.
      listCharges: on(({ commitmentId, cursor = '0' }) => {
        const end = Number(cursor) + 2;
        const all = this.lines.filter((line) => line.commitmentId === commitmentId);
        return { lines: all.slice(Number(cursor), end), ...(end < all.length ? { nextCursor: String(end) } : {}) };
      }),
      getAttainmentReport: on(() => this.report),
    };
  }
}
