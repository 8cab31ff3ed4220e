import { z } from 'zod';
import type { Route, Routes } from '../../policy/route.ts';

type Document = Record<string, unknown>;

/** The API as an OpenAPI 3.1 document, from the routes themselves. A golden file holds it. */
export function openApiOf(routes: Routes, version: string): Document {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(routes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = `/api/v1${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Kept', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'kept.session_token' },
      },
      schemas: { Problem: problemSchema },
    },
  };
}

const problemSchema = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    action: { type: 'string' },
    reference: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

function operationOf(name: string, route: Route): Document {
  const input = schemaOf(route.input, 'input');
  const properties = (input['properties'] ?? {}) as Record<string, unknown>;
  const required = new Set((input['required'] ?? []) as string[]);
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const bodyless = route.method === 'get' || route.method === 'delete';
  const inQuery =
    bodyless || route.takes ? Object.keys(properties).filter((key) => !inPath.includes(key)) : [];
  const parameters = [
    ...inPath.map((key) => ({
      name: key,
      in: 'path',
      required: true,
      schema: properties[key] ?? { type: 'string' },
    })),
    ...inQuery.map((key) => ({
      name: key,
      in: 'query',
      required: required.has(key),
      schema: properties[key],
    })),
    ...(bodyless
      ? []
      : [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string' } }]),
  ];
  return {
    operationId: name,
    summary: route.summary,
    'x-permission': route.permission,
    ...(route.permission === 'public'
      ? { security: [] }
      : { security: [{ token: [] }, { session: [] }] }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(bodyless ? {} : { requestBody: route.takes ? fileBody : bodyOf(input, inPath) }),
    responses: {
      200: {
        description: 'Done',
        content: { 'application/json': { schema: schemaOf(route.output, 'output') } },
      },
      default: {
        description: 'A problem',
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    },
  };
}

const fileBody: Document = {
  required: true,
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
};

function bodyOf(input: Document, inPath: readonly string[]): Document {
  const properties = { ...((input['properties'] ?? {}) as Document) };
  for (const key of inPath) delete properties[key];
  const required = ((input['required'] ?? []) as string[]).filter((key) => !inPath.includes(key));
  const schema = input['properties'] ? { ...input, properties, required } : input;
  return { required: true, content: { 'application/json': { schema } } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Document {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  });
  return rest;
}
