import { isUuid } from '../../kernel/id.ts';
import { ProtocolFault } from './problems.ts';

/** Where a list goes on: behind which id. Opaque to the caller. */
export function readAfter(params: URLSearchParams): string | null {
  const text = params.get('cursor');
  if (text === null || text === '') return null;
  const id = Buffer.from(text, 'base64url').toString('latin1');
  if (!isUuid(id)) throw new ProtocolFault('cursorUnfit');
  return id;
}

export function writeAfter(id: string): string {
  return Buffer.from(id, 'latin1').toString('base64url');
}

/** 1 to `most`, `usual` where nothing is said. */
export function readLimit(params: URLSearchParams, usual: number, most: number): number {
  const text = params.get('limit');
  if (text === null) return usual;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new ProtocolFault('inputUnfit', { where: 'limit', why: `1 to ${most}` });
  return Math.min(limit, most);
}
