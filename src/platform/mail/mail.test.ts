import { sql } from 'kysely';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Effect } from '../../policy/event.ts';
import { openDatabase } from '../postgres/database.ts';
import { testDatabase } from '../testing/database.ts';
import { testWorld } from '../testing/world.ts';
import type { Dictionary } from '../words.ts';
import { mailer } from './deliver.ts';
import { openMailQueue } from './queue.ts';

const officer = '01900000-0000-7000-8000-000000000001';
const nobody = '01900000-0000-7000-8000-000000000002';

/** Words of one mail, in both languages. */
const words: Dictionary = {
  find: (language, room, key) => {
    if (room !== 'clauses/access') return null;
    if (key === 'mail.reviewReminder.subject')
      return language === 'ja' ? 'あと{days}日です' : '{days} days left';
    return key === 'mail.reviewReminder.text'
      ? language === 'ja'
        ? '{name}様'
        : 'Dear {name}'
      : null;
  },
  say: (_, key) => key,
};

const effect: Effect = {
  kind: 'mail',
  to: officer,
  template: 'access.reviewReminder',
  params: { days: 3 },
  path: '/console/reviews',
};

describe('mail', () => {
  const received: string[] = [];
  let refuse = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (piece: Buffer) => {
        text += piece.toString();
      });
      stream.on('end', () => {
        if (refuse) return done(new Error('try later'));
        received.push(text);
        done();
      });
    },
  });
  let smtpUrl = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    smtpUrl = `smtp://127.0.0.1:${(server.server.address() as { port: number }).port}`;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  async function worldWithPeople() {
    const database = await testDatabase();
    const world = await testWorld({ database });
    await sql`insert into person (id, name, email, language) values
      (${officer}, '例 花子', 'hanako@example.com', 'ja'), (${nobody}, 'No Address', null, 'en')`.execute(
      database.db,
    );
    return { world, database };
  }

  test('reaches a real mail server in the language of whom it is for', async () => {
    const { world } = await worldWithPeople();
    await mailer(world, words, { smtpUrl, from: 'Kept <kept@example.com>' })(effect);
    const mail = received.at(-1) ?? '';
    expect(mail).toContain('To: =?UTF-8?');
    expect(mail).toContain('<hanako@example.com>');
    expect(mail).toContain(`Subject: =?UTF-8?B?${Buffer.from('あと3日です').toString('base64')}`);
  });

  test('a colleague is told of which customer by what the mail was caused with', async () => {
    const { world } = await worldWithPeople();
    const about: Dictionary = { ...words, find: () => 'about {customer}' };
    const caused = { ...effect, params: { customer: 'Acme' } };
    await mailer(world, about, { smtpUrl, from: 'kept@example.com' })(caused);
    expect(received.at(-1)).toContain('Subject: about Acme');
  });

  test('nobody without an address is written to, and a server that refuses is a fault to be retried', async () => {
    const { world } = await worldWithPeople();
    const deliver = mailer(world, words, { smtpUrl, from: 'kept@example.com' });
    const before = received.length;
    await deliver({ ...effect, to: nobody });
    expect(received.length).toBe(before);
    refuse = true;
    await expect(deliver(effect)).rejects.toMatchObject({ name: 'Fault', retryable: true });
    refuse = false;
  });

  test('reaches a contact of a customer in their own language, until they are removed', async () => {
    const { world, database } = await worldWithPeople();
    const [product, customer, contact] = [world.newId(), world.newId(), world.newId()];
    await sql`
      insert into product (id, key, name, kind, custody) values (${product}, 'p', 'P', 'cloud', 'none')`.execute(
      database.db,
    );
    await sql`
      insert into customer (id, key, name, product_id, basis, basis_reference, language, since)
      values (${customer}, 'c', 'Sample Customer 01', ${product}, 'terms', '1', 'en', ${world.now()})`.execute(
      database.db,
    );
    await sql`
      insert into customer_contact (id, customer_id, name, email, language, part)
      values (${contact}, ${customer}, '例 太郎', 'taro@example.com', 'ja', 'owner')`.execute(
      database.db,
    );
    const deliver = mailer(world, words, { smtpUrl, from: 'kept@example.com' });
    const told: Effect = { ...effect, kind: 'customerMail', to: contact, path: '/portal' };
    await deliver(told);
    const mail = received.at(-1) ?? '';
    expect(mail).toContain('<taro@example.com>');
    expect(mail).toContain(Buffer.from('あと3日です').toString('base64'));
    const before = received.length;
    await sql`update customer_contact set removed_at = ${world.now()} where id = ${contact}`.execute(
      database.db,
    );
    await deliver(told);
    expect(received.length).toBe(before);
    // What staff did to an address is told at the one before, and to nobody where there was none.
    await deliver({ ...told, formerly: true });
    expect(received.length).toBe(before);
    await sql`
      update customer_contact set former_email = 'before@example.com' where id = ${contact}`.execute(
      database.db,
    );
    await deliver({ ...told, formerly: true });
    expect(received.length).toBe(before + 1);
    expect(received.at(-1)).toContain('<before@example.com>');
  });

  test('is enqueued exactly if the transaction commits', async () => {
    const { world, database } = await worldWithPeople();
    const own = openDatabase((database as { url: string } & typeof database).url, 4);
    const queue = await openMailQueue(own);
    const enqueue = (fails: boolean) =>
      world.database.db.transaction().execute(async (tx) => {
        await queue.enqueue(tx, [effect]);
        if (fails) throw new Error('rolled back');
      });
    await expect(enqueue(true)).rejects.toThrow('rolled back');
    await enqueue(false);
    const delivered = await new Promise<Effect>((resolve, reject) => {
      queue.begin(async (each) => resolve(each)).catch(reject);
    });
    expect(delivered).toEqual(effect);
    const { rows } = await sql<{
      n: number;
    }>`select count(*)::int as n from pgboss.job where name = 'mail'`.execute(own.db);
    expect(rows[0]?.n).toBe(1);
    await queue.end();
    await own.close();
  });
});
