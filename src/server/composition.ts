import { join } from 'node:path';
import { access } from '../clauses/access/clause.ts';
import { changes } from '../clauses/changes/clause.ts';
import { continuity } from '../clauses/continuity/clause.ts';
import { customerData } from '../clauses/customer-data/clause.ts';
import { email } from '../clauses/email/clause.ts';
import { hosting } from '../clauses/hosting/clause.ts';
import { incidents } from '../clauses/incidents/clause.ts';
import { isms } from '../clauses/isms/clause.ts';
import { monitoring } from '../clauses/monitoring/clause.ts';
import { network } from '../clauses/network/clause.ts';
import { office } from '../clauses/office/clause.ts';
import { people } from '../clauses/people/clause.ts';
import { privacy } from '../clauses/privacy/clause.ts';
import { publication } from '../clauses/publication/clause.ts';
import { retention } from '../clauses/retention/clause.ts';
import { vulnerabilities } from '../clauses/vulnerabilities/clause.ts';
import type { Check } from '../policy/check.ts';
import { check, guard } from '../policy/clause.ts';
import { accounts } from '../registers/accounts/register.ts';
import { advisories } from '../registers/advisories/register.ts';
import { connections } from '../registers/connections/register.ts';
import { customers } from '../registers/customers/register.ts';
import { findings } from '../registers/findings/register.ts';
import { people as peopleRegister } from '../registers/people/register.ts';
import { portal } from '../registers/portal/register.ts';
import { provisioning } from '../registers/provisioning/register.ts';
import { sources as sourcesRegister } from '../registers/sources/register.ts';
import { systems } from '../registers/systems/register.ts';
import { tasks } from '../registers/tasks/register.ts';
import { vault } from '../registers/vault/register.ts';
import { closing } from './closing/register.ts';
import { erasure } from './erasure.ts';
import { leaversHoldNothingHere } from './leaving/check.ts';
import { leaving } from './leaving/register.ts';
import { customerHelpsThemselves } from './portal/guard.ts';
import { type Rooms, upholdersOf } from './rooms.ts';

/** The folder of the sources: migrations, words and permissions are read from it. */
export const sources = join(import.meta.dirname, '..');

/**
 * What this installation consists of, in the order of the policy. Taking a clause out is deleting
 * its folder and its line here.
 */
export const rooms: Rooms = {
  registers: [
    peopleRegister,
    systems,
    accounts,
    connections,
    tasks,
    findings(checkOf),
    provisioning,
    customers,
    vault,
    portal,
    advisories,
    sourcesRegister,
    erasure,
    closing,
    leaving(() => rooms),
  ],
  clauses: [
    isms,
    people,
    access,
    email,
    network,
    customerData,
    vulnerabilities,
    changes,
    incidents,
    continuity,
    retention(() => [...rooms.registers, ...rooms.clauses]),
    monitoring,
    privacy,
    office,
    hosting,
    publication,
  ],
  upholders: [check(leaversHoldNothingHere), guard(customerHelpsThemselves)],
};

/** The check of an id, whichever clause declares it. */
function checkOf(id: string): Check | undefined {
  for (const upholder of upholdersOf(rooms)) {
    if (upholder.by === 'check' && upholder.check.id === id) return upholder.check;
  }
  return undefined;
}
