import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, ConsoleMessage, Page } from 'playwright-core';
import type { SignedIn } from './installation.ts';

/** Somebody in front of a browser of their own: no cookie, nothing remembered. */
export interface Sitting {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of: errors of scripts, what the content security policy stopped. */
  readonly troubles: readonly string[];
  /** Takes a picture, where pictures are wanted (KEPT_PICTURES names a folder). */
  picture(name: string): Promise<void>;
  leave(): Promise<void>;
}

export interface Seat {
  readonly language?: 'en' | 'ja';
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** Who sits there, signed in already. */
  readonly as?: SignedIn;
}

/**
 * An answer that says no is the page's to tell; that the browser tells it as well is no trouble. An
 * address that does not exist is, for nobody should have asked there.
 */
function isTold(message: ConsoleMessage): boolean {
  const [, status] = /server responded with a status of (4\d\d)/.exec(message.text()) ?? [];
  return status !== undefined && status !== '404';
}

/** How long a page may take to show what a test looks for; machines that test are busy. */
const patienceMs = 60_000;

export async function sit(browser: Browser, url: string, seat: Seat = {}): Promise<Sitting> {
  const { language = 'en', theme = 'light', width = 1440, height = 900 } = seat;
  const context = await browser.newContext({
    baseURL: url,
    locale: language === 'ja' ? 'ja-JP' : 'en-GB',
    timezoneId: 'Asia/Tokyo',
    colorScheme: theme,
    reducedMotion: 'reduce',
    viewport: { width, height },
  });
  context.setDefaultTimeout(patienceMs);
  // As if chosen in the menu: whoever signs in may speak another language.
  await context.addInitScript((chosen) => localStorage.setItem('kept.language', chosen), language);
  const cookies = [...(seat.as?.browser.cookies ?? [])];
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, url })));
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' || isTold(message)) return;
    troubles.push(`${page.url()}: ${message.text()}`);
  });
  return {
    context,
    page,
    troubles,
    picture: (name) => picture(page, name),
    leave: () => context.close(),
  };
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['KEPT_PICTURES'];
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
