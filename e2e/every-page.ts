import type { Installation } from './installation.ts';
import { expectOk } from './installation.ts';
import { asRole } from './personas.ts';

/** A place of the console to look at. */
export interface Place {
  readonly name: string;
  readonly path: string;
}

/** What fills a parameter of a page's path: the first thing of its register. */
const firstOf: Readonly<Record<string, { readonly list: string; readonly key: string }>> = {
  '/console/people/$id': { list: '/api/v1/people', key: 'id' },
  '/console/systems/$key': { list: '/api/v1/systems', key: 'key' },
  '/console/systems/$key/read': { list: '/api/v1/systems', key: 'key' },
  '/console/systems/$key/grants': { list: '/api/v1/systems', key: 'key' },
  '/console/connections/$id': { list: '/api/v1/connections', key: 'id' },
  '/console/accounts/$id': { list: '/api/v1/accounts', key: 'id' },
  '/console/reviews/$id': { list: '/api/v1/campaigns', key: 'id' },
  '/console/training/$course': { list: '/api/v1/courses', key: 'course' },
  '/console/courses/$course': { list: '/api/v1/courses', key: 'course' },
  '/console/undertakings/$document': { list: '/api/v1/undertakings', key: 'document' },
  '/console/checklists/$id': { list: '/api/v1/checklists', key: 'id' },
  '/console/customers/$key': { list: '/api/v1/customers', key: 'key' },
  '/console/customers/$key/vault': { list: '/api/v1/customers', key: 'key' },
  '/console/products/$key': { list: '/api/v1/products', key: 'key' },
  '/console/cases/$id': { list: '/api/v1/cases', key: 'id' },
  '/console/backlog/$id': { list: '/api/v1/backlog', key: 'id' },
  '/console/sources/$key': { list: '/api/v1/sources', key: 'key' },
  '/console/sources/$key/findings': { list: '/api/v1/sources', key: 'key' },
  '/console/vulnerabilities/$id': { list: '/api/v1/vulnerabilities', key: 'name' },
  '/console/advisory-imports/$id': { list: '/api/v1/advisory-imports', key: 'id' },
};

/** A sheet that opens over each of these lists: the same address with the first row open. */
const sheets: Readonly<Record<string, { readonly list: string; readonly key: string }>> = {
  '/console/people': { list: '/api/v1/people', key: 'id' },
  '/console/systems': { list: '/api/v1/systems', key: 'key' },
  '/console/connections': { list: '/api/v1/connections', key: 'id' },
  '/console/findings': { list: '/api/v1/findings', key: 'id' },
  '/console/access-requests': { list: '/api/v1/access-requests', key: 'id' },
  '/console/emergencies': { list: '/api/v1/emergencies', key: 'id' },
  '/console/duties': { list: '/api/v1/duty-rules', key: 'id' },
  '/console/leavers': { list: '/api/v1/leavers', key: 'id' },
  '/console/offers': { list: '/api/v1/offers', key: 'id' },
  '/console/ledger': { list: '/api/v1/ledger/entries', key: 'index' },
  '/console/customers': { list: '/api/v1/customers', key: 'key' },
  '/console/holds': { list: '/api/v1/holds', key: 'id' },
  '/console/products': { list: '/api/v1/products', key: 'key' },
  '/console/customer-requests': { list: '/api/v1/customer-requests', key: 'id' },
  '/console/cases': { list: '/api/v1/cases', key: 'id' },
  '/console/backlog': { list: '/api/v1/backlog', key: 'id' },
  '/console/backlog-decisions': { list: '/api/v1/backlog-decisions', key: 'id' },
  '/console/sources': { list: '/api/v1/sources', key: 'key' },
  '/console/vulnerabilities': { list: '/api/v1/vulnerabilities', key: 'id' },
  '/console/advisory-imports': { list: '/api/v1/advisory-imports', key: 'id' },
};

/**
 * Every page of the console by an address that shows something, and the sheets over the lists.
 * A page with a parameter that nothing fills is an error: add what fills it.
 */
export async function everyPlace(
  installation: Installation,
  paths: readonly string[],
): Promise<Place[]> {
  const first = async ({ list, key }: { list: string; key: string }): Promise<string> => {
    const { body } = expectOk(
      await asRole(installation, 'security-officer', 'GET', `${list}?limit=1`),
    );
    const [item] = body['items'] as Record<string, unknown>[];
    if (!item) throw new Error(`the sample company has nothing in ${list}`);
    return encodeURIComponent(String(item[key]));
  };
  const places: Place[] = [];
  for (const path of paths) {
    if (!path.startsWith('/console')) continue;
    const name = path.slice('/console'.length).replace(/\W+/g, '-').replace(/^-/, '') || 'policy';
    const filled = firstOf[path];
    if (/\$/.test(path) && !filled) throw new Error(`nothing fills ${path}; see e2e/every-page.ts`);
    places.push({ name, path: filled ? path.replace(/\$\w+/, await first(filled)) : path });
    const sheet = sheets[path];
    if (sheet) places.push({ name: `${name}-sheet`, path: `${path}?open=${await first(sheet)}` });
  }
  return places;
}
