import { beforeAll, expect, test } from 'vitest';
import { erasureCertificate } from '../../clauses/retention/store.certificate.ts';
import { closureOf, next, noteDue } from '../../clauses/retention/store.closure.ts';
import { executeAs } from '../../platform/execute.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { rooms } from '../composition.ts';
import { publicPages } from '../public/public.ts';
import { work } from '../tick.ts';
import { advanceClosure } from './advance.ts';
import { entryOfErasure, erasurePdf } from './certificate.ts';
import { type Account, anAccount, aProduct, fill, requestClosure } from './testing.ts';

let world: TestWorld;
let account: Account;

beforeAll(async () => {
  world = await testWorld({ start: '2026-01-05T03:00:00Z' });
  account = await anAccount(world, await aProduct(world), 'alpha');
  await fill(world, account, {});
  await requestClosure(world, account);
  const closure = await closureOf(world.database.db, account.customerId);
  await world.database.db.transaction().execute(async (tx) => {
    await noteDue(tx, closure?.id ?? '', closure?.dueAt ?? null);
    await next(tx, account.customerId, world.now().add({ hours: 24 * 400 }), world);
  });
  world.advance({ hours: 24 * 32 });
  await advanceClosure(world, rooms, account.customerId);
  await work(world, rooms);
});

async function certificate() {
  const closure = await closureOf(world.database.db, account.customerId);
  const found = await erasureCertificate(world.database.db, { closureId: closure?.id ?? '' });
  if (!found) throw new Error('no certificate');
  return found;
}

test('RET-5: the certificate stands on a ledger entry, and is told to the owners by mail', async () => {
  const it = await certificate();
  expect(await entryOfErasure(world.database.db, it)).toBeGreaterThan(0);
  const mails = world.sent.flatMap((each) => (each.kind === 'customerMail' ? [each] : []));
  expect(mails.map(({ template }) => template)).toEqual([
    'retention.closureRequested',
    'retention.dataErased',
    'retention.erasureCertified',
  ]);
  expect(mails.at(-1)?.path).toBe(`/erasures/${it.code}`);
});

test('RET-5: as PDF in both languages, every glyph in it', async () => {
  const it = await certificate();
  const frame = {
    organisation: '株式会社見本',
    zone: 'Asia/Tokyo',
    address: `${world.url}/erasures/${it.code}`,
    entry: 12,
  };
  for (const language of ['en', 'ja'] as const) {
    const pdf = await erasurePdf(it, { ...frame, language });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.toString('latin1').match(/\/BaseFont \/\S+/g)).toEqual(['/BaseFont /Helvetica']);
    expect(pdf.length).toBeLessThan(400_000);
  }
});

test('RET-5: its code resolves in public, in both languages, and never says whose account it was', async () => {
  const it = await certificate();
  const app = await publicPages({
    db: world.database.db,
    now: () => world.now(),
    zone: async () => 'Asia/Tokyo',
    url: world.url,
    execute: executeAs(world, { kind: 'system', id: 'public' }),
  });
  const page = async (code: string, lang: string) => {
    const answer = await app.request(`/erasures/${code}?lang=${lang}`);
    return [answer.status, await answer.text()] as const;
  };
  const [found, english] = await page(it.code.toLowerCase(), 'en');
  expect(found).toBe(200);
  expect(english).toContain('This certificate of erasure is genuine');
  expect(english).toContain(it.seal);
  expect(english).not.toContain('alpha');
  const [, japanese] = await page(it.code, 'ja');
  expect(japanese).toContain('暗号学的消去');
  const [missing, unknown] = await page('0000-0000-0000-0000', 'en');
  expect(missing).toBe(404);
  expect(unknown).toContain('There is no certificate of erasure');
  expect((await page('%3Cb%3E', 'en'))[1]).not.toContain('<b>');
});
