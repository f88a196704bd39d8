import { keptServer } from './kept';

/** Jest calls it once at the end of the run. */
const teardown = async (): Promise<void> => {
  await keptServer()?.remove();
};

export default teardown;
