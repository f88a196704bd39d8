import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { summarise } from '../measure/percentiles';
import type { Found, VisibleJob } from './jobs';
import { bearer, goalClient, overGrpc, reportingClient, unary } from './wires';

const TICK_MS = 5;
/** Of an agreement by the second party: GoalAgreementGiven and GoalAgreed. */
const EVENTS_PER_PROBE = 2;
const BETWEEN_LOOKS_MS = 1;

/** Counts what was sent, so that background and probes together make the rate. */
class Pace {
  events = 0;
  private readonly began = performance.now();

  constructor(
    private readonly eventsPerSecond: number,
    private readonly seconds: number,
  ) {}

  isOver(): boolean {
    return performance.now() - this.began >= this.seconds * 1_000;
  }

  /** Whether it counts yet. */
  isWarm(seconds: number): boolean {
    return performance.now() - this.began >= seconds * 1_000;
  }

  /** How many events are due and not yet sent. */
  due(): number {
    return Math.floor(((performance.now() - this.began) / 1_000) * this.eventsPerSecond) - this.events;
  }
}

/** Sends what is due, answered or not: a slow product does not slow the load down. */
const keepUpTheRate = async ({ target, organisations }: VisibleJob, pace: Pace): Promise<void> => {
  const define = overGrpc(target);
  const calls: Promise<unknown>[] = [];
  while (!pace.isOver()) {
    for (let due = pace.due(); due > 0; due -= 1) {
      calls.push(define(organisations[pace.events % organisations.length] as string));
      pace.events += 1;
    }
    await pause(TICK_MS);
  }
  await Promise.all(calls);
};

type Probe = VisibleJob['probes'][number];

/** Agrees to one goal after the other; the time runs from before the command until the figure counts the goal. */
const probe = async (
  { target, warmUpSeconds }: VisibleJob,
  { organisationId, goalIds }: Probe,
  pace: Pace,
): Promise<number[]> => {
  const [goals, reports, metadata] = [goalClient(target), reportingClient(target), bearer(target.token)];
  const agreed = async (): Promise<number> => {
    const figure = await unary(reports.getAttainment.bind(reports), { organisationId }, metadata);
    return figure.attainment?.agreed ?? 0;
  };
  const times: number[] = [];
  let seen = 0;
  for (const goalId of goalIds) {
    if (pace.isOver()) break;
    const [began, counts] = [performance.now(), pace.isWarm(warmUpSeconds)];
    pace.events += EVENTS_PER_PROBE;
    const request = { requestId: randomUUID(), organisationId, goalId, dateUnknown: false };
    await unary(goals.agreeGoal.bind(goals), request, metadata);
    while ((await agreed()) <= seen) await pause(BETWEEN_LOOKS_MS);
    seen += 1;
    if (counts) times.push(performance.now() - began);
  }
  goals.close();
  reports.close();
  return times;
};

export const runVisible = async (job: VisibleJob): Promise<Found> => {
  const pace = new Pace(job.eventsPerSecond, job.warmUpSeconds + job.seconds);
  const background = keepUpTheRate(job, pace);
  const times = await Promise.all(job.probes.map((each) => probe(job, each, pace)));
  await background;
  return {
    summary: summarise(times.flat(), job.seconds),
    eventsPerSecond: pace.events / (job.warmUpSeconds + job.seconds),
  };
};
