import type { Page } from 'playwright-core';
import type { Demo, Installation } from './installation.ts';
import { newBrowser } from './installation.ts';

export type Persona = Demo['personas'][number];

/** The persona of the demo who has this role, and where it matters none of others. */
export async function personaWith(
  installation: Installation,
  role: string,
  without: readonly string[] = [],
): Promise<Persona> {
  const { personas } = await installation.demo();
  const found = personas.find(
    ({ roles }) => roles.includes(role) && !without.some((other) => roles.includes(other)),
  );
  if (!found) throw new Error(`the sample company has no ${role} without ${without.join()}`);
  return found;
}

/** Signs in as somebody of the sample company, on the page where one chooses. */
export async function become(page: Page, { name }: Persona): Promise<void> {
  await page.goto('/sign-in');
  await page.getByRole('button', { name }).first().click();
  await page.waitForURL(/\/console/);
}

/** What the API answers a role of the sample company. */
export async function asRole(
  installation: Installation,
  role: string,
  method: string,
  path: string,
  body?: object,
) {
  const { tokens } = await installation.demo();
  return newBrowser(installation.url).send(method, path, body, {
    authorization: `Bearer ${tokens[role] ?? ''}`,
  });
}
