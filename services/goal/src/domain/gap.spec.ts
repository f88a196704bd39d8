import { specFor } from '@oppi/event-sourcing/testing';
import { findGap, foundGap, gap, type GapEvent, type GapTerms } from './gap';
import { stateVision, vision } from './vision';

const terms = (more: Partial<GapTerms> = {}): GapTerms => ({
  gapId: 'g-1',
  competence: 'Cloud operations',
  targetLevel: 3,
  route: 'build',
  core: true,
  ...more,
});
const found = (more: Partial<GapTerms> = {}): GapEvent => ({ type: 'GapFound', data: terms(more) });

describe('a competence gap', () => {
  const { given } = specFor(gap);

  it('K6: not assessed is not zero', () => {
    given()
      .when((state) => findGap(state, terms({ teamId: undefined, currentLevel: undefined })))
      .then(found());
    given()
      .when((state) => findGap(state, terms({ currentLevel: 0 })))
      .then(found({ currentLevel: 0 }));
  });
  it('is recorded once, with a target above the current level', () => {
    given(found())
      .when((state) => findGap(state, terms()))
      .thenRefused('gap-already-found');
    given()
      .when((state) => findGap(state, terms({ currentLevel: 3 })))
      .thenRefused('no-gap');
  });
  it('must be there to be named', () => {
    const named = (state: Parameters<typeof foundGap>[0]): GapEvent[] => {
      foundGap(state);
      return [];
    };
    given().when(named).thenRefused('gap-unknown');
    given(found()).when(named).thenNothing();
  });
});

describe('the vision of an organisation', () => {
  const { given } = specFor(vision);

  it('is numbered from 1; the last stated is current', () => {
    const first = { type: 'VisionStated', data: { visionNo: 1, effectiveOn: '2026-05-01' } } as const;
    given()
      .when((state) => stateVision(state, '2026-05-01'))
      .then(first);
    given(first)
      .when((state) => stateVision(state, '2026-06-01'))
      .then({ type: 'VisionStated', data: { visionNo: 2, effectiveOn: '2026-06-01' } });
  });
});
