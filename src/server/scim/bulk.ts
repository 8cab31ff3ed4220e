import { type Answered, type Asked, MethodFault, type Protocol } from './answer.ts';
import { bulkOperations } from './discovery.ts';
import { bad, faultBody, ScimFault } from './fault.ts';
import type { Call } from './kind.ts';
import { fieldOf } from './reading.ts';
import { isComplex, type JsonValue, type Resource } from './schema.ts';

export const bulkUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const responseUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly bulkId: string | null;
  readonly version: string | null;
  readonly data: JsonValue | undefined;
}

/**
 * Many requests in one (RFC 7644, section 3.7), each a transaction of its own. One that points to a
 * resource which another makes waits for it, whichever stands first; those that wait for each other
 * are refused.
 *
 * @throws ScimFault where the message itself is wrong
 */
export async function answerBulk(protocol: Protocol, call: Call, asked: Asked): Promise<Answered> {
  if (asked.method !== 'POST') throw new MethodFault('/Bulk takes POST', ['POST']);
  const { operations, failOnErrors } = readBulk(await asked.body());
  const made = new Map<string, string>();
  const results = new Map<Operation, Resource>();
  let waiting: readonly Operation[] = operations;
  let errors = 0;
  while (waiting.length > 0 && errors < failOnErrors) {
    const later: Operation[] = [];
    for (const operation of waiting) {
      if (errors >= failOnErrors) break;
      if (missing(operation, made).length > 0) {
        later.push(operation);
        continue;
      }
      const result = await answerOne(protocol, call, operation, made);
      results.set(operation, result);
      if (Number(result['status']) >= 400) errors += 1;
    }
    if (later.length === waiting.length) {
      for (const operation of later) results.set(operation, unresolved(operation, made));
      break;
    }
    waiting = later;
  }
  const Operations = operations.flatMap((operation) => results.get(operation) ?? []);
  return { status: 200, body: { schemas: [responseUrn], Operations }, headers: {} };
}

function readBulk(body: unknown): {
  readonly operations: readonly Operation[];
  readonly failOnErrors: number;
} {
  const message = body as JsonValue;
  if (!isComplex(message)) throw bad('invalidSyntax', 'the body is no JSON object');
  const schemas = fieldOf(message, 'schemas');
  const named =
    Array.isArray(schemas) &&
    schemas.some((urn) => String(urn).toLowerCase() === bulkUrn.toLowerCase());
  if (!named) throw bad('invalidSyntax', `"schemas" does not name ${bulkUrn}`);
  const operations = fieldOf(message, 'Operations');
  if (!Array.isArray(operations)) throw bad('invalidSyntax', '"Operations" is a list');
  if (operations.length > bulkOperations)
    throw new ScimFault(413, `more than ${bulkOperations} operations`);
  const fail = fieldOf(message, 'failOnErrors');
  if (fail !== undefined && (typeof fail !== 'number' || fail < 1))
    throw bad('invalidValue', '"failOnErrors" is a whole number from 1 on');
  return {
    operations: operations.map(readOperation),
    failOnErrors: typeof fail === 'number' ? fail : Number.POSITIVE_INFINITY,
  };
}

function readOperation(operation: JsonValue): Operation {
  if (!isComplex(operation)) throw bad('invalidSyntax', 'an operation is no JSON object');
  const text = (name: string): string | null => {
    const value = fieldOf(operation, name);
    return typeof value === 'string' ? value : null;
  };
  const method = text('method')?.toUpperCase() ?? '';
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(method))
    throw bad('invalidSyntax', 'the method of an operation is POST, PUT, PATCH or DELETE');
  const path = text('path');
  if (path === null) throw bad('invalidSyntax', 'an operation has no path');
  const bulkId = text('bulkId');
  if (method === 'POST' && !bulkId) throw bad('invalidSyntax', 'a POST has a bulkId');
  return { method, path, bulkId, version: text('version'), data: fieldOf(operation, 'data') };
}

const reference = /^bulkId:(.+)$/;

/** What an operation points to that has not been made yet. */
function missing({ path, data }: Operation, made: ReadonlyMap<string, string>): string[] {
  const named = [...path.split('/'), ...textsIn(data)].flatMap((text) => {
    const id = reference.exec(text)?.[1];
    return id === undefined ? [] : [id];
  });
  return named.filter((id) => !made.has(id));
}

function textsIn(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isComplex(value) ? Object.values(value).flatMap(textsIn) : [];
}

function resolved(value: JsonValue | undefined, made: ReadonlyMap<string, string>): JsonValue {
  if (typeof value === 'string') return made.get(reference.exec(value)?.[1] ?? '') ?? value;
  if (Array.isArray(value)) return value.map((each) => resolved(each, made));
  if (!isComplex(value)) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, resolved(each, made)]),
  );
}

async function answerOne(
  protocol: Protocol,
  call: Call,
  operation: Operation,
  made: Map<string, string>,
): Promise<Resource> {
  const { method, bulkId, version, data } = operation;
  const path = operation.path
    .split('/')
    .filter(Boolean)
    .map((segment) => String(resolved(segment, made)));
  try {
    const { status, body, headers } = await protocol.answer(call, {
      method,
      path,
      params: new URLSearchParams(),
      ifMatch: version,
      ifNoneMatch: null,
      body: async () => resolved(data, made),
    });
    if (bulkId && typeof body?.['id'] === 'string') made.set(bulkId, body['id']);
    const location = headers['location'] ?? `${call.setting.base}/${path.join('/')}`;
    return {
      ...asSent(operation),
      location,
      ...(headers['etag'] ? { version: headers['etag'] } : {}),
      status: String(status),
    };
  } catch (thrown) {
    if (!(thrown instanceof ScimFault)) throw thrown;
    const location =
      method === 'POST' ? {} : { location: `${call.setting.base}/${path.join('/')}` };
    return { ...asSent(operation), ...location, ...failed(thrown) };
  }
}

function asSent({ method, bulkId }: Operation): Resource {
  return { method, ...(bulkId === null ? {} : { bulkId }) };
}

function failed(fault: ScimFault): Resource {
  return { status: String(fault.status), response: faultBody(fault) as Resource };
}

function unresolved(operation: Operation, made: ReadonlyMap<string, string>): Resource {
  const [first] = missing(operation, made);
  const detail = `nothing was made by the name bulkId:${first}`;
  return { ...asSent(operation), ...failed(new ScimFault(409, detail, 'invalidValue')) };
}
