import {
  type GetFeasibilityResponse,
  TimeAllocationServiceService,
} from '@oppi/contracts/time_allocation/v1/time_allocation_service';
import { DomainError } from '@oppi/event-sourcing';
import { type Log, type Neighbour, TooSlow } from '@oppi/service';
import type { FeasibilityAnswer, NoAnswer } from '../../domain/feasibility';

type Asked = Readonly<{
  organisationId: string;
  goalId: string;
  personId: string;
  neededMinutes: number;
  dueOn: string;
}>;

const STATUSES: ReadonlySet<string> = new Set<FeasibilityAnswer['status']>(['feasible', 'short', 'no-policy']);

/** Asks time-allocation, as the caller, whether a learner is given the minutes a goal needs. */
export class LearningTime {
  /** Without a neighbour nobody is asked, and nothing is known. */
  constructor(
    private readonly neighbour: Neighbour | undefined,
    private readonly log: Log,
  ) {}

  /**
   * The answer, or `unknown`: a goal is agreed whether or not anybody can say that it is feasible. Throws `TooSlow` when
   * there is no time left to ask: then nobody waits for the agreement either, and the next try can know more.
   */
  async feasibilityOf(asked: Asked): Promise<FeasibilityAnswer | NoAnswer> {
    if (!this.neighbour) return { status: 'unknown' };
    try {
      return answerOf(await this.neighbour.ask(TimeAllocationServiceService.getFeasibility, asked));
    } catch (error) {
      if (error instanceof TooSlow) throw error;
      const outcome = error instanceof DomainError ? error.code : 'refused';
      this.log.warn({ err: error, operation: 'GetFeasibility', outcome }, 'feasibility is not known');
      return { status: 'unknown' };
    }
  }
}

const answerOf = ({
  status,
  givenMinutes,
  promisedMinutes,
  rule,
}: GetFeasibilityResponse): FeasibilityAnswer | NoAnswer =>
  STATUSES.has(status)
    ? { status: status as FeasibilityAnswer['status'], givenMinutes, promisedMinutes, rule }
    : { status: 'unknown' };
