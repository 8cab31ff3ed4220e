import { type Exit, exit } from '../exit.ts';
import { ask, call, findServer } from '../server.ts';
import { answer, type Terminal } from '../terminal.ts';

export interface TokenFlags {
  readonly role: readonly string[];
  readonly scope?: readonly string[];
  readonly days: number;
}

interface Token {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly expiresAt: string;
  readonly revokedAt?: string | null;
  readonly lastUsedAt?: string | null;
}

/** Makes a token; it is shown once and never again. */
export async function createToken(
  terminal: Terminal,
  name: string,
  flags: TokenFlags,
): Promise<Exit> {
  const server = await findServer(terminal);
  const made = await ask<{ token: string } & Partial<Token>>(server, '/api/v1/tokens', {
    method: 'POST',
    body: { name, roles: flags.role, scope: flags.scope ?? null, days: flags.days },
  });
  terminal.err('Keep this token now: it is not shown again.\n');
  answer(terminal, made, made.token);
  return exit.ok;
}

export async function listTokens(terminal: Terminal): Promise<Exit> {
  const server = await findServer(terminal);
  const { items } = await ask<{ items: readonly Token[] }>(server, '/api/v1/tokens');
  answer(
    terminal,
    items,
    items.length > 0 ? items.map(tokenLine).join('\n') : 'There are no tokens.',
  );
  return exit.ok;
}

function tokenLine({ id, name, roles, expiresAt, revokedAt, lastUsedAt }: Token): string {
  const end = revokedAt ? `revoked ${revokedAt.slice(0, 10)}` : `until ${expiresAt.slice(0, 10)}`;
  return [
    id,
    end.padEnd(18),
    lastUsedAt ? `used ${lastUsedAt.slice(0, 10)}` : 'never used     ',
    roles.join(','),
    name,
  ].join('  ');
}

export async function revokeToken(terminal: Terminal, id: string): Promise<Exit> {
  const server = await findServer(terminal);
  await call(server, `/api/v1/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' });
  answer(terminal, { id, revoked: true }, `Revoked ${id}`);
  return exit.ok;
}
