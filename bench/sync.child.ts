import { FakeGraph } from '../src/connectors/entra/fake.ts';
import { credentials, groupsEach, groupsInAll, users } from './sync.tenant.ts';

/** The fake Graph as a process of its own: what is measured is Kept, not both in one. */
const fake = new FakeGraph(credentials);
const { directory } = fake;
for (let n = 0; n < groupsInAll; n++) directory.putGroup(idOf('b', n), `Group ${n}`);
for (let n = 0; n < users; n++) {
  const id = idOf('a', n);
  directory.putUser(id, {
    upn: `user${n}@example.com`,
    mfa: n % 9 !== 0,
    signedInAt: `2026-01-0${1 + (n % 9)}T08:00:00Z`,
  });
  for (let k = 0; k < groupsEach; k++)
    directory.add(idOf('b', (n * 7 + k * 131) % groupsInAll), id);
}
process.stdout.write(`${await fake.listen()}\n`);

/** As long as the ids that Graph gives. */
function idOf(kind: 'a' | 'b', n: number): string {
  return `${kind}${n.toString(16).padStart(7, '0')}-0000-4000-8000-000000000000`;
}
