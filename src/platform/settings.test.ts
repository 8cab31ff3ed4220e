import { describe, expect, it } from 'vitest';
import { defaultUrl, isLoopback, readSettings, wrongSettingText } from './settings.ts';

const folder = '/srv/kept';

describe('settings', () => {
  it('need not be given', () => {
    expect(readSettings({}, folder)).toEqual({
      ok: true,
      settings: {
        port: 4747,
        host: '127.0.0.1',
        dataFolder: '/srv/kept/data',
        url: null,
        databaseUrl: null,
        keyFile: '/srv/kept/data/master.key',
        smtpUrl: null,
        mailFrom: null,
        internalHosts: [],
        trustedProxies: [],
        custody: {
          objects: { kind: 'folder', folder: '/srv/kept/data/objects' },
          keystoreFolder: '/srv/kept/data/keystore',
          backupsFolder: '/srv/kept/data/keystore-backups',
          kek: { kind: 'folder', folder: '/srv/kept/data/kek' },
          kekFolder: '/srv/kept/data/kek',
        },
      },
    });
  });

  it.each([
    ['KEPT_PORT', '0', { port: 0 }],
    ['KEPT_PORT', ' 65535 ', { port: 65_535 }],
    ['KEPT_PORT', '', { port: 4747 }],
    ['KEPT_HOST', '0.0.0.0', { host: '0.0.0.0' }],
    ['KEPT_HOST', '[::1]', { host: '::1' }],
    ['KEPT_HOST', 'kept.example.com', { host: 'kept.example.com' }],
    [
      'KEPT_DATA',
      '../elsewhere',
      { dataFolder: '/srv/elsewhere', keyFile: '/srv/elsewhere/master.key' },
    ],
    ['KEPT_DATA', '/var/lib/kept', { dataFolder: '/var/lib/kept' }],
    ['KEPT_URL', 'https://kept.example.com/', { url: 'https://kept.example.com' }],
    ['KEPT_URL', 'http://localhost:8080', { url: 'http://localhost:8080' }],
    [
      'DATABASE_URL',
      'postgres://u:p@db.example.com/kept',
      { databaseUrl: 'postgres://u:p@db.example.com/kept' },
    ],
    [
      'DATABASE_URL',
      'postgresql://u:p@/kept?host=/run',
      { databaseUrl: 'postgresql://u:p@/kept?host=/run' },
    ],
    [
      'DATABASE_URL',
      'postgresql:///kept?host=/run',
      { databaseUrl: 'postgresql:///kept?host=/run' },
    ],
    ['KEPT_KEY_FILE', '/etc/kept/key', { keyFile: '/etc/kept/key' }],
    ['KEPT_MAIL_FROM', 'Kept <kept@example.com>', { mailFrom: 'Kept <kept@example.com>' }],
    [
      'KEPT_INTERNAL_HOSTS',
      'login.internal.example.com, 10.0.0.5:8443',
      { internalHosts: ['login.internal.example.com', '10.0.0.5:8443'] },
    ],
    ['KEPT_TRUSTED_PROXIES', '10.0.0.2, FD00::2', { trustedProxies: ['10.0.0.2', 'fd00::2'] }],
    ['KEPT_KEYSTORE', '/mnt/keys', { custody: { keystoreFolder: '/mnt/keys' } }],
    ['KEPT_KEYSTORE_BACKUPS', '../b', { custody: { backupsFolder: '/srv/b' } }],
    [
      'KEPT_KEK',
      '/mnt/kek',
      { custody: { kek: { kind: 'folder', folder: '/mnt/kek' }, kekFolder: '/mnt/kek' } },
    ],
    [
      'KEPT_KEK',
      'aws-kms:arn:aws:kms:eu-west-1:111122223333:key/1234',
      { custody: { kek: { kind: 'kms', arn: 'arn:aws:kms:eu-west-1:111122223333:key/1234' } } },
    ],
    ['KEPT_OBJECTS', 'things', { custody: { objects: { folder: '/srv/kept/things' } } }],
    [
      'KEPT_OBJECTS',
      's3://bucket.example/a/b/',
      { custody: { objects: { kind: 's3', bucket: 'bucket.example', prefix: 'a/b/' } } },
    ],
    [
      'KEPT_OBJECTS',
      's3://bucket?region=eu-west-1&endpoint=http://127.0.0.1:9000',
      {
        custody: {
          objects: { prefix: '', region: 'eu-west-1', endpoint: 'http://127.0.0.1:9000' },
        },
      },
    ],
  ])('take %s=%s', (name, value, expected) => {
    const answer = readSettings({ [name]: value }, folder);
    expect(answer.ok && answer.settings).toMatchObject(expected);
  });

  it.each([
    ['KEPT_PORT', '70000', 'KEPT_PORT must be a port from 0 to 65535; it is "70000"'],
    ['KEPT_PORT', '-1', 'a port'],
    ['KEPT_PORT', '80a', 'a port'],
    ['KEPT_HOST', 'http://localhost', 'a host name'],
    ['KEPT_HOST', '4747', 'a host name'],
    ['KEPT_HOST', 'a b', 'a host name'],
    ['KEPT_URL', 'kept.example.com', 'an origin'],
    ['KEPT_URL', 'https://kept.example.com/kept', 'without a path'],
    ['KEPT_URL', 'https://user:secret@kept.example.com', 'an origin'],
    ['KEPT_URL', 'ftp://kept.example.com', 'an origin'],
    ['DATABASE_URL', 'mysql://u:p@db/kept', 'a PostgreSQL URL'],
    ['DATABASE_URL', 'postgresql://u:p@db:notaport/kept', 'a PostgreSQL URL'],
    ['DATABASE_URL', 'postgresql://db.example.com', 'a PostgreSQL URL'],
    ['KEPT_SMTP_URL', 'mail.example.com', 'an SMTP URL'],
    ['KEPT_TRUSTED_PROXIES', '10.0.0.0/8', 'IP addresses'],
    ['KEPT_MAIL_FROM', 'nobody', 'an email address'],
    ['KEPT_MAIL_FROM', 'a@example.com\nBcc: b@example.com', 'an email address'],
    ['KEPT_OBJECTS', 'https://bucket/prefix', 'a folder, or a place in S3'],
    ['KEPT_OBJECTS', 's3://UPPER_CASE/x', 'a folder, or a place in S3'],
    ['KEPT_KEK', 'aws-kms:alias/kept', 'a folder, or aws-kms:'],
  ])('refuse %s=%s', (name, value, said) => {
    const answer = readSettings({ [name]: value }, folder);
    expect(answer.ok ? [] : answer.wrong.map(wrongSettingText)).toEqual([
      expect.stringContaining(said),
    ]);
  });

  it('are all named at once, and a secret is never repeated', () => {
    const answer = readSettings(
      { KEPT_PORT: 'x', KEPT_URL: 'y', DATABASE_URL: 'oracle://u:hunter2@db/kept' },
      folder,
    );
    const lines = answer.ok ? [] : answer.wrong.map(wrongSettingText);
    expect(lines).toHaveLength(3);
    expect(lines.join('\n')).not.toContain('hunter2');
  });

  it('ask for a sender where mail is to be sent', () => {
    const answer = readSettings({ KEPT_SMTP_URL: 'smtp://mail.example.com' }, folder);
    expect(answer.ok ? [] : answer.wrong.map(({ name }) => name)).toEqual(['KEPT_MAIL_FROM']);
  });
});

it.each([
  ['127.0.0.1', 'http://localhost:4747', true],
  ['127.9.9.9', 'http://localhost:4747', true],
  ['::1', 'http://localhost:4747', true],
  ['localhost', 'http://localhost:4747', true],
  ['0.0.0.0', 'http://localhost:4747', false],
  ['::', 'http://localhost:4747', false],
  ['10.0.0.7', 'http://10.0.0.7:4747', false],
  ['fd00::7', 'http://[fd00::7]:4747', false],
  ['127.example.com', 'http://127.example.com:4747', false],
])('a server on %s is reached at %s', (host, url, loopback) => {
  expect(defaultUrl(host, 4747)).toBe(url);
  expect(isLoopback(host)).toBe(loopback);
});
