import { expect, test } from 'vitest';
import { enrolledPerson, identityApp } from '../../platform/identity/testing.ts';
import { testWorld } from '../../platform/testing/world.ts';
import { accountRoutes } from './language.ts';

test('a language chosen is the language spoken, and the register says so', async () => {
  const world = await testWorld({ start: Temporal.Now.instant().toString() });
  const { browser } = await identityApp(world, accountRoutes);
  const own = browser();
  const person = await enrolledPerson(world, own, 'Ni Hon', 'employee');
  const me = () => own.get('/api/v1/me', { 'accept-language': 'en' });
  expect((await me()).body['language']).toBe('en');
  expect((await own.send('PUT', '/api/v1/me/language', { language: 'ja' })).status).toBe(200);
  expect((await me()).body['language']).toBe('ja');
  const refused = await own.get('/api/v1/invitations');
  expect(refused.body['title']).toMatch(/役割/);
  expect((await own.send('PUT', '/api/v1/me/language', { language: 'fr' })).status).toBe(400);
  const { rows } = await world.database.pool.query(
    `select subject from ledger_entry where type = 'PersonUpdated'`,
  );
  expect(rows).toEqual([{ subject: `person/${person.id}` }]);
});
