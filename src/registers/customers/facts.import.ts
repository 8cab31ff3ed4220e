import type { Json } from '../../kernel/json.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import { type RowProblem, refuseRows } from '../imports/problem.ts';
import type { ImportedCustomer } from './facts.columns.ts';
import {
  type Contact,
  type Customer,
  type CustomersImported,
  type Placing,
  publicFields,
} from './facts.ts';

/** What an import of customers would do to the register. */
export interface CustomersPlan {
  readonly added: readonly Customer[];
  readonly changed: readonly Customer[];
  /** Contacts that the file names and the register does not know yet. */
  readonly contacts: readonly (Contact & { readonly customerId: string })[];
  readonly unchanged: number;
  readonly problems: readonly RowProblem[];
}

/** What the register knows before an import. */
export interface BeforeImport {
  readonly everyCustomer: readonly Customer[];
  /** Keys of accounts that are gone: a key is never used again. */
  readonly closedKeys: ReadonlySet<string>;
  /** Products in use, by key. */
  readonly products: ReadonlyMap<string, string>;
  /** Contacts that are there, as `customer id` + blank + `address in lower case`. */
  readonly addresses: ReadonlySet<string>;
  /** Addresses of the file that are those of our own people, in lower case. */
  readonly ours: ReadonlySet<string>;
}

/**
 * Decides an import as a whole. Customers are recognised by their key. A column that the file has
 * not got, or an empty cell, leaves things as they are; a contact is added, never taken away. Doing
 * it twice changes nothing the second time.
 */
export function planCustomers(
  rows: readonly ImportedCustomer[],
  before: BeforeImport,
  newId: () => string,
): CustomersPlan {
  const problems: RowProblem[] = [];
  const known = new Map(before.everyCustomer.map((customer) => [customer.key, customer]));
  const lines = new Map<string, number>();
  const added: Customer[] = [];
  const changed: Customer[] = [];
  const contacts: (Contact & { customerId: string })[] = [];
  for (const row of rows) {
    const { line, values } = row;
    const key = values.key ?? '';
    const old = known.get(key);
    const productId = before.products.get(values.product ?? '');
    problems.push(...problemsOf(row, { old, productId, before, earlier: lines.get(key) }));
    lines.set(key, line);
    const customer = customerOf(values, old, old?.id ?? newId(), productId ?? '');
    if (!old) added.push(customer);
    else if (JSON.stringify(inOrder(old)) !== JSON.stringify(inOrder(customer)))
      changed.push(customer);
    const contact = contactOf(values, customer, before.addresses, newId);
    if (contact) contacts.push(contact);
  }
  const unchanged = rows.length - added.length - changed.length;
  return { added, changed, contacts, unchanged, problems };
}

function problemsOf(
  { line, values }: ImportedCustomer,
  at: {
    readonly old: Customer | undefined;
    readonly productId: string | undefined;
    readonly before: BeforeImport;
    readonly earlier: number | undefined;
  },
): RowProblem[] {
  const key = values.key ?? '';
  const problems: RowProblem[] = [];
  const problem = (column: string, code: RowProblem['code'], params: RowProblem['params'] = {}) =>
    problems.push({ line, column, code, params });
  if (at.earlier !== undefined) problem('key', 'duplicate', { field: 'key', line: at.earlier });
  if (at.before.closedKeys.has(key)) problem('key', 'closedAccount', { value: key });
  if (values.product && !at.productId)
    problem('product', 'unknownProduct', { value: values.product });
  if (at.old && at.productId && at.productId !== at.old.productId)
    problem('product', 'otherProduct', { value: key });
  if (values.contactEmail && at.before.ours.has(values.contactEmail.toLowerCase()))
    problem('contactEmail', 'ownPerson', { value: values.contactEmail });
  if (values.contactName && !values.contactEmail) problem('contactEmail', 'missing');
  return problems;
}

function customerOf(
  values: ImportedCustomer['values'],
  old: Customer | undefined,
  id: string,
  productId: string,
): Customer {
  return {
    id,
    key: values.key ?? '',
    name: values.name ?? old?.name ?? '',
    reading: values.reading ?? old?.reading ?? null,
    productId: old?.productId ?? productId,
    basis: values.basis ?? old?.basis ?? 'terms',
    basisReference: values.basisReference ?? old?.basisReference ?? '',
    approvesCases: values.approvesCases ?? old?.approvesCases ?? false,
    told: values.told ?? old?.told ?? 'atEnd',
    termMonths: values.termMonths ?? old?.termMonths ?? null,
    language: values.language ?? old?.language ?? 'en',
  };
}

function inOrder(customer: Customer): [string, unknown][] {
  return Object.entries(customer).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The first contact of an account may close it: somebody must be able to. */
function contactOf(
  values: ImportedCustomer['values'],
  customer: Customer,
  addresses: ReadonlySet<string>,
  newId: () => string,
): (Contact & { readonly customerId: string }) | null {
  const email = values.contactEmail;
  if (!email || addresses.has(`${customer.id} ${email.toLowerCase()}`)) return null;
  return {
    id: newId(),
    customerId: customer.id,
    name: values.contactName ?? email,
    email,
    language: customer.language,
    part: 'owner',
  };
}

/** The one event of an import. Who the customers are stays out of it, but for a commitment. */
export function customersImported(
  plan: CustomersPlan,
  importId: string,
  placing: Placing | null,
): CustomersImported {
  const customers = [...plan.added, ...plan.changed];
  const rows = { customers, contacts: plan.contacts } as unknown as Json;
  const changes = Buffer.from(
    canonicalJson({
      customers: customers.map((customer) => ({
        id: customer.id,
        ...Object.fromEntries(publicFields.map((name) => [name, customer[name]])),
      })),
      contacts: plan.contacts.map(({ id, customerId }) => ({ id, customerId })),
    }),
  );
  return {
    type: 'CustomersImported',
    subject: `import/${importId}`,
    body: {
      added: plan.added.length,
      changed: plan.changed.length,
      unchanged: plan.unchanged,
      contacts: plan.contacts.length,
      changesBlob: sha256Hex(changes),
    },
    private: { digest: sha256Hex(Buffer.from(canonicalJson(rows))) },
    blobs: { changesBlob: changes },
    customers,
    contacts: plan.contacts,
    placing,
  };
}

export { refuseRows };
