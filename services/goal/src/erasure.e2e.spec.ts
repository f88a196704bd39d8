import { randomBytes, randomUUID } from 'node:crypto';
import { EventStore, Vault } from '@oppi/event-store';
import { backgroundContext } from '@oppi/intake';
import { type GoalStage, goalOnStage } from './goal-stage.fixtures';
import { AddPerson } from './features/add-person/add-person.command';
import { GetPerson } from './features/person-view/get-person.query';
import { RegisterOrganisation } from './features/register-organisation/register-organisation.command';
import { askForErasure } from './features/erase-person/erasure';
import { ErasePerson } from './features/erase-person/erase-person.command';

let stage: GoalStage;
beforeAll(async () => {
  stage = await goalOnStage();
});
afterAll(() => stage.leave());

/** How far the clock was set on: recorded time never falls. */
let days = 0;

/** A person whose erasure was asked for by a process that then died: before the key was destroyed, or after. */
const interrupted = async (died: 'before' | 'after') => {
  const organisationId = randomUUID();
  const personId = randomUUID();
  const tokens = await stage.roles(organisationId);
  const token = tokens.operations;
  const wire = stage.wires.http;
  await wire.call(RegisterOrganisation, { organisationId, timeZone: 'UTC', currency: 'EUR' }, { token });
  await wire.call(AddPerson, { organisationId, personId, name: 'Zzyzx Qwertyson' }, { token });
  const pool = stage.database.pool;
  const vault = new Vault(pool, randomBytes(32));
  const key = `asked-for-${personId}`;
  const worker = { actor: { id: randomUUID(), role: 'operations' }, mayRecord: ['PersonErasureRequested'] };
  const context = backgroundContext({ organisationId, worker, key, now: new Date().toISOString() });
  await askForErasure({ store: new EventStore(pool, vault), vault }, context, personId);
  if (died === 'after') await vault.erase(organisationId, personId);
  const standing = async () => {
    const { rows } = await pool.query<{ types: string[]; keys: string; texts: string }>(
      `select (select array_agg(type order by version) from events where organisation_id = $1 and stream_id = $2) as types,
              (select count(*) from subject_keys where subject_id = $3 and wrapped_key is not null) as keys,
              (select count(*) from person_vault where subject_id = $3) as texts`,
      [organisationId, `person-${personId}`, personId],
    );
    return rows[0];
  };
  return { organisationId, personId, token, standing };
};

const ERASED = {
  types: ['PersonAdded', 'PersonErasureRequested', 'PersonErased'],
  keys: '0',
  texts: '0',
};

describe.each(['before', 'after'] as const)('GDPR-07 I7: an erasure interrupted %s the key was destroyed', (died) => {
  it('is finished by the same request, to the same end', async () => {
    const { organisationId, personId, token, standing } = await interrupted(died);
    expect((await standing())?.types).toEqual(ERASED.types.slice(0, 2));
    await stage.wires.http.call(ErasePerson, { organisationId, personId }, { token });
    expect(await standing()).toEqual(ERASED);
  });

  it('is finished by itself when nobody asks again', async () => {
    const { organisationId, personId, token, standing } = await interrupted(died);
    days += 1;
    const later = new Date(Date.now() + days * 86_400_000).toISOString();
    await fetch(`http://127.0.0.1:${stage.service.httpPort}/goal/v1/clock`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ now: later }),
    });
    for (let i = 0; i < 300 && (await standing())?.types.length !== 3; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await standing()).toEqual(ERASED);
    const person = await stage.wires.http.call(GetPerson, { organisationId, personId }, { token });
    expect(person).toMatchObject({ erased: true });
    expect(person.name).toBeUndefined();
  });
});
