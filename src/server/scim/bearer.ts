import type { Actor } from '../../kernel/actor.ts';
import { noteUses, tokenOf } from '../../registers/provisioning/store.tokens.ts';
import { bearersWith } from '../bearers.ts';

export const tokenPrefix = 'kept_scim_';

/** Directories that provision people. */
export const bearersOf = bearersWith({
  prefix: tokenPrefix,
  find: tokenOf,
  note: noteUses,
});

/** The directory behind a token, as an actor: it may provision people and nothing else. */
export function directoryOf({ tokenId }: { readonly tokenId: string }): Actor {
  return {
    kind: 'token',
    id: tokenId,
    roles: ['service'],
    person: null,
    scope: ['provisionPeople'],
  };
}
