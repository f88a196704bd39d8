import { Ids, nameBasedUuid, sha256 } from './ids';

describe('ids', () => {
  it('are UUIDs of version 5, as the example of RFC 9562', () => {
    expect(nameBasedUuid('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });

  it('are the same on every run, and others for other data', () => {
    expect(new Ids('a').goal('AAA/2013J/11')).toBe(new Ids('a').goal('AAA/2013J/11'));
    expect(new Ids('a').goal('AAA/2013J/11')).not.toBe(new Ids('b').goal('AAA/2013J/11'));
  });

  it('differ by what they are ids of', () => {
    const ids = new Ids('a');
    const all = [ids.organisation, ids.team('x'), ids.person('x'), ids.goal('x'), ids.boardResult('x')];
    const more = [ids.commitment('x'), ids.timeEntry('x', 1), ids.timeEntry('x', 11), ids.timeEntry('x/1', 1)];
    expect(new Set([...all, ...more]).size).toBe(9);
  });

  it('hash a text as sha256sum does', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
