import type { Decider, Event } from '@oppi/event-sourcing';

/** The organisation said what it wants to be; the text lies in the content vault. `visionNo` counts from 1, the last is current. */
export type VisionStated = Event<'VisionStated', { visionNo: number; effectiveOn: string }>;
export type VisionEvent = VisionStated;

export type Vision = { status: 'unset' } | { status: 'stated'; visionNo: number; effectiveOn: string };

export const vision: Decider<Vision, VisionEvent> = {
  initial: { status: 'unset' },
  evolve: (_state, { data: { visionNo, effectiveOn } }) => ({ status: 'stated', visionNo, effectiveOn }),
};

export const visionStream = (organisationId: string): string => `vision-${organisationId}`;

export const stateVision = (state: Vision, effectiveOn: string): VisionEvent[] => [
  { type: 'VisionStated', data: { visionNo: nextVisionNo(state), effectiveOn } },
];

/** The number that the next vision gets. */
export const nextVisionNo = (state: Vision): number => (state.status === 'unset' ? 1 : state.visionNo + 1);

/** Where the text of a vision lies in the content vault, with the organisation. */
export const visionPlace = (visionNo: number): string => `vision/${visionNo}`;
