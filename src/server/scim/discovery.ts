import { resourceTypes, schemas } from './definitions.ts';
import { notFound, ScimFault } from './fault.ts';
import { listBody, maxResults } from './query.ts';
import type { Attribute, ResourceType, Schema } from './schema.ts';

/** What a client can find out about this provider (RFC 7644, section 4; RFC 7643, sections 5 to 7). */

/** Bytes that a body takes at most, and operations that a bulk request holds at most. */
export const bodyLimitBytes = 4 * 1024 * 1024;
export const bulkOperations = 1_000;

const configUrn = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';
const typeUrn = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';
const schemaUrn = 'urn:ietf:params:scim:schemas:core:2.0:Schema';

type Body = Record<string, unknown>;

/**
 * Answers a request to a discovery endpoint.
 *
 * @param id what stands behind the endpoint's name, decoded; null where nothing does
 * @returns null where it is no such endpoint
 * @throws ScimFault 404; 403 where a filter is asked for (RFC 7644, section 4)
 */
export function discover(
  name: string,
  id: string | null,
  params: URLSearchParams,
  base: string,
): Body | null {
  const known = discoveryOf(name, base);
  if (!known) return null;
  if ([...params.keys()].some((key) => key.toLowerCase() === 'filter'))
    throw new ScimFault(403, 'what a provider says of itself is not filtered');
  if (!Array.isArray(known)) {
    if (id !== null) throw notFound(`${name}/${id}`);
    return known as Body;
  }
  const all = known as readonly Body[];
  if (id === null) return listBody(all as never, all.length, 1);
  const wanted = id.toLowerCase();
  const one = all.find((each) => String(each['id']).toLowerCase() === wanted);
  if (!one) throw notFound(`${name}/${id}`);
  return one;
}

function discoveryOf(name: string, base: string): Body | readonly Body[] | null {
  switch (name) {
    case 'ServiceProviderConfig':
      return configBody(base);
    case 'ResourceTypes':
      return resourceTypes.map((type) => typeBody(type, base));
    case 'Schemas':
      return schemas.map((schema) => schemaBody(schema, base));
    default:
      return null;
  }
}

function configBody(base: string): Body {
  return {
    schemas: [configUrn],
    patch: { supported: true },
    bulk: {
      supported: true,
      maxOperations: bulkOperations,
      maxPayloadSize: bodyLimitBytes,
    },
    filter: { supported: true, maxResults },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token that a security officer issues in Kept, in the header Authorization.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: {
      resourceType: 'ServiceProviderConfig',
      location: `${base}/ServiceProviderConfig`,
    },
  };
}

function typeBody({ name, endpoint, description, schema, extensions }: ResourceType, base: string) {
  return {
    schemas: [typeUrn],
    id: name,
    name,
    endpoint,
    description,
    schema: schema.id,
    ...(extensions.length > 0
      ? { schemaExtensions: extensions.map((each) => ({ schema: each.id, required: false })) }
      : {}),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  };
}

function schemaBody({ id, name, description, attributes }: Schema, base: string): Body {
  return {
    schemas: [schemaUrn],
    id,
    name,
    description,
    attributes: attributes.map(attributeBody),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  };
}

/** Every characteristic is said, those too that are as the RFC takes them to be. */
function attributeBody(attribute: Attribute): Body {
  const { name, type, description, canonicalValues, referenceTypes, subAttributes } = attribute;
  return {
    name,
    type,
    multiValued: attribute.multiValued ?? false,
    description,
    required: attribute.required ?? false,
    ...(canonicalValues ? { canonicalValues } : {}),
    caseExact: attribute.caseExact ?? false,
    mutability: attribute.mutability ?? 'readWrite',
    returned: attribute.returned ?? 'default',
    uniqueness: attribute.uniqueness ?? 'none',
    ...(referenceTypes ? { referenceTypes } : {}),
    ...(subAttributes ? { subAttributes: subAttributes.map(attributeBody) } : {}),
  };
}
