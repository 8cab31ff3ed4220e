import { sql } from 'kysely';
import { z } from 'zod';
import { ok, refuse } from '../../../kernel/result.ts';
import type { Event } from '../../../policy/event.ts';
import type { Flow } from '../../../policy/flow.ts';
import { endShutSessions, openBreakGlass } from '../only-way.ts';
import {
  type ProviderSettings,
  providerSettings,
  type SettingsFault,
  settingsFault,
} from './settings.ts';

const command = z.object({
  /** The revision that was changed; 0 where there was none. */
  revision: z.int(),
  enabled: z.boolean(),
  settings: providerSettings,
  /** The client's secret, sealed, base64; null keeps the one that is there. */
  sealed: z.base64().nullable(),
});
export type ProviderCommand = z.output<typeof command>;

/** What the settings say is private: they name the client at the provider. The secret is nowhere. */
export type ProviderChanged = Event & {
  readonly type: 'SignInProviderChanged';
  readonly body: {
    readonly revision: number;
    readonly kind: ProviderSettings['kind'];
    readonly enabled: boolean;
    readonly secretChanged: boolean;
    /** Somebody else vouches from now on: sessions that came by the former one are over. */
    readonly moved: boolean;
  };
  readonly change: ProviderCommand;
};

export type ProviderRefusal =
  | SettingsFault
  | 'versionConflict'
  | 'secretMissing'
  | 'breakGlassMissing';

export interface ProviderState {
  readonly revision: number;
  readonly issuer: string;
  readonly clientId: string;
  readonly tenantId: string | null;
  /** Named logins that open without the provider. */
  readonly breakGlass: number;
}

const none = { revision: 0, issuer: '', clientId: '', tenantId: null };

/** Sets up, changes, switches on and off the provider that people sign in with. */
export const providerFlow: Flow<ProviderState, ProviderCommand, ProviderChanged, ProviderRefusal> =
  {
    name: 'identity.provider',
    clause: 'identity',
    command,
    async load(tx) {
      const { rows } = await sql<Omit<ProviderState, 'breakGlass'>>`
      select revision, settings->>'issuer' as issuer, settings->>'clientId' as "clientId",
        settings->>'tenantId' as "tenantId"
      from sign_in_provider for update`.execute(tx);
      return { ...(rows[0] ?? none), breakGlass: await openBreakGlass(tx) };
    },
    authorize: () => ({ action: 'manageSignIn' }),
    decide(state, it) {
      if (it.revision !== state.revision) return refuse('versionConflict');
      const fault = settingsFault(it.settings);
      if (fault) return refuse(fault);
      // On the day the provider is not there, somebody must be able to get in.
      if (it.enabled && it.settings.onlyWay && state.breakGlass === 0)
        return refuse('breakGlassMissing');
      const { issuer, clientId, tenantId, kind } = it.settings;
      const moved = state.issuer !== issuer || state.tenantId !== tenantId;
      // A secret is for one client of one provider; sent to another it would be given away.
      const foreign = moved || state.clientId !== clientId;
      if (!it.sealed && (state.revision === 0 || foreign)) return refuse('secretMissing');
      const revision = state.revision + 1;
      return ok([
        {
          type: 'SignInProviderChanged',
          subject: 'signIn/provider',
          body: {
            revision,
            kind,
            enabled: it.enabled,
            secretChanged: it.sealed !== null,
            moved: moved && state.revision > 0,
          },
          private: { settings: it.settings },
          change: it,
        },
      ]);
    },
    async project(tx, { body, change }, { now }) {
      const { settings, sealed, enabled } = change;
      await sql`
      insert into sign_in_provider (enabled, settings, sealed, revision, changed_at)
      values (${enabled}, ${JSON.stringify(settings)}::jsonb,
              coalesce(${sealed ? Buffer.from(sealed, 'base64') : null}::bytea, ''::bytea), ${body.revision}, ${now})
      on conflict (single) do update set enabled = excluded.enabled, settings = excluded.settings,
        sealed = case when ${sealed !== null} then excluded.sealed else sign_in_provider.sealed end,
        revision = excluded.revision, changed_at = excluded.changed_at`.execute(tx);
      if (body.moved || !enabled) {
        await sql`delete from auth_session where identity_id is not null`.execute(tx);
      }
      await endShutSessions(tx);
    },
  };
