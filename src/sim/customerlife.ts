import { sql } from 'kysely';
import {
  decideCase,
  endCase,
  openCase,
  reconcileCase,
  requestCase,
} from '../clauses/customer-data/flows.ts';
import { providerCommand } from '../clauses/retention/facts.provider.ts';
import { type RequestCommand, requestCommand } from '../clauses/retention/facts.requests.ts';
import { providerFlow } from '../clauses/retention/flows.provider.ts';
import { requestFlow } from '../clauses/retention/flows.requests.ts';
import { dateIn } from '../kernel/instant.ts';
import { invariant } from '../kernel/invariant.ts';
import { executeAs } from '../platform/execute.ts';
import type { Execute } from '../policy/flow.ts';
import { openCustomer } from '../server/vault/door.ts';
import type { Company } from './company.ts';
import {
  by,
  close,
  customerOf,
  done,
  foundCustomers,
  hold,
  idIn,
  officerOf,
  ownerOf,
  reopen,
} from './customers.ts';

/** What happens between the sample company and its customers before today: one customer in each state. */
export interface Chapter {
  /** Days before today. */
  readonly daysBefore: number;
  readonly tell: (company: Company) => Promise<void>;
}

/** In their order. Gone, erasing, reopened, closing, on hold, read under a case. */
export const chapters: readonly Chapter[] = [
  { daysBefore: 300, tell: foundCustomers },
  {
    daysBefore: 240,
    tell: async (company) => {
      await providerReport(company);
      await answered(company, 6, {
        key: 'sample-02',
        kind: 'export',
        answer: 'The archive was handed over.',
      });
    },
  },
  { daysBefore: 110, tell: (company) => close(company, 'sample-11') },
  {
    daysBefore: 60,
    tell: async (company) => {
      await close(company, 'sample-09');
      await hold(company, 'sample-04', 75);
      await readUnderCase(company, 'sample-02');
      await answered(company, 11, {
        key: 'sample-03',
        kind: 'correct',
        answer: 'The address was corrected.',
      });
    },
  },
  {
    daysBefore: 46,
    tell: async (company) => {
      await reopen(company, 'sample-09');
      await close(company, 'sample-10');
    },
  },
];

/** Eight days before today: an account closes, and requests arrive. */
export async function lateChapter(company: Company): Promise<void> {
  await close(company, 'sample-12');
  const support = await by(company, 'support');
  const { db } = company.world.database;
  const { id } = await customerOf(db, 'sample-05');
  await take(support, {
    customerId: id,
    kind: 'access',
    channel: 'letter',
    what: 'Wants to know which of their documents we hold.',
    fromName: 'Sample Contact',
    fromAddress: '1 Sample Street, Example Town',
  });
  await take(support, {
    kind: 'delete',
    channel: 'mail',
    what: 'Asks that everything about them be deleted. No account is named.',
    fromName: 'Somebody Sample',
    fromAddress: 'somebody@example.com',
  });
  const owner = await ownerOf(company, 'sample-01');
  await take(owner, { kind: 'correct', channel: 'portal', what: 'The week 2026-W02 is wrong.' });
}

/** On the last morning one case is open, one waits for the customer's own word, and one was an emergency. */
export async function casesToday(company: Company): Promise<void> {
  const support = await by(company, 'support');
  const commerce = await by(company, 'commercial-officer');
  const open = await ask(company, support, 'sample-07', {
    purpose: 'The customer’s schedule of this week does not open; they asked us to look at it.',
    hours: 24,
  });
  done(await commerce(decideCase, { id: open, decision: 'approve', reason: '' }));
  done(await support(openCase, { id: open }));
  await ask(company, support, 'sample-06', {
    purpose: 'Finding out why a shift is shown twice.',
    hours: 4,
  });
  const security = await by(company, 'security-officer');
  const emergency = await ask(company, security, 'sample-08', {
    purpose: 'Schedules of several customers may be mixed up; it has to be seen now.',
    hours: 4,
    emergency: true,
  });
  done(await commerce(decideCase, { id: emergency, decision: 'approve', reason: '' }));
}

async function ask(
  company: Company,
  actor: Execute,
  key: string,
  given: { readonly purpose: string; readonly hours: number; readonly emergency?: boolean },
): Promise<string> {
  const customer = await customerOf(company.world.database.db, key);
  const command = requestCase.command.parse({
    customerId: customer.id,
    basis: customer.basis,
    basisReference: customer.basisReference,
    scope: [{ collection: 'schedules', itemId: null }],
    ...given,
  });
  return idIn(done(await actor(requestCase, command)));
}

/** A case from its beginning to its reconciliation, with one record read. */
async function readUnderCase(company: Company, key: string): Promise<void> {
  const { world } = company;
  const { db } = world.database;
  const asker = await officerOf(company, 'support');
  const support = executeAs(world, asker);
  const commerce = await by(company, 'commercial-officer');
  const purpose = 'The customer asked why a shift is missing.';
  const id = await ask(company, support, key, { purpose, hours: 4 });
  done(await commerce(decideCase, { id, decision: 'approve', reason: '' }));
  done(await support(openCase, { id }));
  const customer = await customerOf(db, key);
  const opened = await openCustomer(world, customer.id, {
    by: 'case',
    caseId: id,
    actor: asker,
    purpose,
  });
  const { rows } = await sql<{ id: string }>`
    select id from vault_record where customer_id = ${customer.id} and collection = 'schedules'
    order by id limit 1`.execute(db);
  const read = opened.ok && rows[0] ? await opened.value.readRecord(rows[0].id) : null;
  invariant(read?.ok, 'a record is read under the case');
  done(await support(endCase, { id }));
  done(await commerce(reconcileCase, { id, note: '' }));
}

async function take(actor: Execute, given: object): Promise<string> {
  const command = requestCommand.parse({ do: 'openRequest', ...given }) as RequestCommand;
  return idIn(done(await actor(requestFlow, command)));
}

interface Answered {
  readonly key: string;
  readonly kind: string;
  readonly answer: string;
}

/** A request by telephone some days ago, made sure of and answered today. */
async function answered(company: Company, days: number, given: Answered): Promise<void> {
  const { world } = company;
  const support = await by(company, 'support');
  const customer = await customerOf(world.database.db, given.key);
  const zone = (await world.organisation())?.zone ?? 'UTC';
  const requestId = await take(support, {
    customerId: customer.id,
    kind: given.kind,
    channel: 'telephone',
    what: 'They called and asked.',
    receivedOn: dateIn(world.now(), zone).subtract({ days }).toString(),
  });
  const note = 'Called back on the number in the contract.';
  done(await support(requestFlow, { do: 'verifyIdentity', requestId, method: 'calledBack', note }));
  done(
    await support(requestFlow, {
      do: 'answerRequest',
      requestId,
      outcome: 'done',
      answer: given.answer,
    }),
  );
}

/** A report that ends some weeks after today: its renewal stands on the officer's Today. */
async function providerReport({ world, officer }: Company): Promise<void> {
  const zone = (await world.organisation())?.zone ?? 'UTC';
  const today = dateIn(world.now(), zone);
  const text = 'Sample of an auditor’s report. It stands for the report that the provider gives.\n';
  done(
    await officer(
      providerFlow,
      providerCommand.parse({
        do: 'recordProviderReport',
        provider: 'Sample Cloud Provider',
        title: 'Sample SOC 2 Type II report',
        periodFrom: today.subtract({ days: 120 }).toString(),
        periodTo: today.subtract({ days: 1 }).toString(),
        expiresOn: today.add({ days: 260 }).toString(),
        ours: {
          en: 'Encrypting what we store, destroying keys, and keeping accounts of our own few.',
          ja: '保存データの暗号化、鍵の破棄、および当社アカウントの最小化。',
        },
        fileName: 'sample-report.txt',
        mediaType: 'text/plain',
        base64: Buffer.from(text).toString('base64'),
      }),
    ),
  );
}
