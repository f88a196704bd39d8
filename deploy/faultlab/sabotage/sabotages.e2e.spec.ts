import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../local/layout';
import { SABOTAGES } from './sabotages';

// The proofs take long and are run by hand: what they switch off must not have moved meanwhile.
describe('a sabotage', () => {
  const patches = SABOTAGES.flatMap(({ name, patches = [] }) => patches.map(({ file, find }) => [name, file, find]));

  it.each(patches)('%s finds what it switches off, in %s', (_name, file, find) => {
    expect(readFileSync(join(ROOT, 'dist', file), 'utf8')).toContain(find);
  });
});
