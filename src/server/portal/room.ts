import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'hono';
import type { Instant } from '../../kernel/instant.ts';
import { isLanguage, type Language, languageFrom } from '../../kernel/language.ts';
import { askedHeader } from '../../platform/http/caller.ts';
import { organisationOf } from '../../platform/organisation.ts';
import type { Dictionary } from '../../platform/words.ts';
import type { World } from '../../platform/world.ts';
import { type Fonts, openFonts } from '../public/fonts.ts';
import { type Rendered, rendered } from '../public/renders.ts';
import type { Limits } from './limits.ts';
import { makeLimits } from './limits.ts';

/** What the portal's pages stand on. */
export interface Room {
  readonly world: World;
  /** Refusals of every room, for what a flow says no to. */
  readonly dictionary: Dictionary;
  readonly fonts: Fonts;
  readonly sheet: File;
  readonly script: File;
  /** Font sheets that pages refer to, by path. */
  readonly faces: Map<string, Rendered>;
  readonly limits: Limits;
  readonly trustedProxies: readonly string[];
}

interface File {
  /** With its digest in it: kept for ever. */
  readonly path: string;
  readonly file: Rendered;
}

export async function openRoom(
  world: World,
  dictionary: Dictionary,
  trustedProxies: readonly string[],
): Promise<Room> {
  const publicSheet = await textOf('..', 'public', 'public.css');
  const sheet = rendered(`${publicSheet}\n${await textOf('portal.css')}`.replace(comments, ''));
  const script = rendered(await textOf('portal.browser.js'));
  return {
    world,
    dictionary,
    fonts: await openFonts(),
    sheet: { path: `/portal/files/sheet.${digestOf(sheet)}.css`, file: sheet },
    script: { path: `/portal/files/script.${digestOf(script)}.js`, file: script },
    faces: new Map(),
    limits: makeLimits(),
    trustedProxies,
  };
}

const comments = /\/\*[\s\S]*?\*\//g;
const textOf = (...path: string[]): Promise<string> =>
  readFile(join(import.meta.dirname, ...path), 'utf8');
const digestOf = ({ etag }: Rendered): string => etag.slice(3, 15);

/** Where and when a page is made, and for whom. */
export interface Place {
  readonly now: Instant;
  /** The organisation's: of every date. */
  readonly zone: string;
  readonly organisation: string;
  readonly language: Language;
  /** Path that was asked for, with its query but without `lang`. */
  readonly here: string;
}

export async function placeOf(
  c: Context,
  { world }: Pick<Room, 'world'>,
  own?: Language,
): Promise<Place> {
  const organisation = (await world.organisation()) ?? (await organisationOf(world.database.db));
  return {
    now: world.now(),
    zone: organisation?.zone ?? 'UTC',
    organisation: organisation?.name ?? 'Kept',
    language: languageOf(c, own),
    here: hereOf(c),
  };
}

/** `?lang=` wins, then what was chosen before, then the contact's own, then the browser's. */
export function languageOf(c: Context, own?: Language): Language {
  const asked = c.req.query('lang');
  if (isLanguage(asked)) return asked;
  const chosen = /(?:^|;\s*)lang=(en|ja)(?:;|$)/.exec(askedHeader(c, 'cookie') ?? '')?.[1];
  if (isLanguage(chosen)) return chosen;
  return own ?? languageFrom(askedHeader(c, 'accept-language'), 'en');
}

function hereOf(c: Context): string {
  const url = new URL(c.req.url);
  // Where a page answers a form there is nothing to come back to but its own address.
  url.searchParams.delete('lang');
  const query = url.searchParams.toString();
  return query ? `${url.pathname}?${query}` : url.pathname;
}
