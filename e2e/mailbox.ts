import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { until } from './installation.ts';

/** A mail server of the test's own, which keeps what it is given. */
export interface Mailbox {
  readonly url: string;
  /** The newest mail to an address that holds a link to a path, as soon as it is there: its link. */
  link(to: string, path: string): Promise<string>;
  end(): Promise<void>;
}

export async function openMailbox(): Promise<Mailbox> {
  const mails: { readonly to: string; readonly text: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const text = plain(Buffer.concat(pieces).toString('utf8'));
        for (const { address } of session.envelope.rcptTo) mails.push({ to: address, text });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const used = new Set<string>();
  const linkOf = (to: string, path: string): string | undefined =>
    mails
      .filter((mail) => mail.to === to)
      .flatMap((mail) => mail.text.match(/https?:\/\/\S+/g) ?? [])
      .filter((url) => new URL(url).pathname.startsWith(path) && !used.has(url))
      .at(-1);
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    async link(to, path) {
      const found = await until(`a mail to ${to}`, async () => linkOf(to, path), Boolean);
      used.add(found ?? '');
      return found ?? '';
    },
    end: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The text of a mail: soft line breaks and encoded signs of quoted-printable, or base64. */
function plain(raw: string): string {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/^content-transfer-encoding: base64/im.test(head))
    return Buffer.from(body, 'base64').toString('utf8');
  return body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
