import { runCallers } from '../measure/callers';
import type { CommandsJob, Found } from './jobs';
import { overGrpc, overRest } from './wires';

export const runCommands = async ({ wire, target, organisations, load }: CommandsJob): Promise<Found> => {
  const call = wire === 'gRPC' ? overGrpc(target) : overRest(target, load.callers);
  const summary = await runCallers(load, (caller) => call(organisations[caller % organisations.length] as string));
  return { summary, eventsPerSecond: summary.perSecond };
};
