import { type Act, SourceProblem } from '../../registers/connections/facts.connector.ts';
import { type EntraLink, type Graph, graphOf } from './graph.ts';

/** Does one thing that was ordered. What is already so is no error. */
export async function actOnEntra(link: EntraLink, { act, account, target }: Act): Promise<void> {
  const graph = graphOf(link);
  const user = await idOfUser(graph, account);
  // Nobody by that name: whatever they held is gone with them.
  if (!user) return;
  switch (act) {
    case 'disableAccount':
      return await graph.send('PATCH', `/users/${user}`, { accountEnabled: false });
    case 'endSessions':
      return await graph.send('POST', `/users/${user}/revokeSignInSessions`);
    case 'removeHeld':
      return await removeFromGroup(graph, user, target ?? '');
    case 'deactivateCredential':
      throw new SourceProblem('actUnsupported', 'Entra has no credentials that can be deactivated');
  }
}

async function removeFromGroup(graph: Graph, user: string, target: string): Promise<void> {
  const name = /^group\/(.+)$/s.exec(target)?.[1];
  if (name === undefined)
    throw new SourceProblem('actUnsupported', 'only memberships of groups are taken away');
  const group = /^.+ \(([0-9a-f-]{36})\)$/s.exec(name)?.[1] ?? (await idOfGroup(graph, name));
  if (group) await graph.send('DELETE', `/groups/${group}/members/${user}/$ref`);
}

async function idOfUser(graph: Graph, name: string): Promise<string | null> {
  const ids = await idsOf(graph, `/users?$select=id&$filter=userPrincipalName eq ${quoted(name)}`);
  return ids[0] ?? null;
}

async function idOfGroup(graph: Graph, name: string): Promise<string | null> {
  const ids = await idsOf(graph, `/groups?$select=id&$filter=displayName eq ${quoted(name)}`);
  // Names of groups need not be unique: rather nothing is done than the wrong thing.
  if (ids.length > 1) throw new SourceProblem('actUnsupported', 'several groups have this name');
  return ids[0] ?? null;
}

async function idsOf(graph: Graph, path: string): Promise<string[]> {
  const { value } = await graph.page(path);
  return value.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
}

/** A string of OData: quotes in it are doubled. */
function quoted(text: string): string {
  return encodeURIComponent(`'${text.replaceAll("'", "''")}'`);
}
