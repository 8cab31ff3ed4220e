/** Why a request is bad, in the words of RFC 7644, table 9. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive';

export const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** A request that the protocol answers with an error (RFC 7644, section 3.12). */
export class ScimFault extends Error {
  override readonly name = 'ScimFault';
  readonly status: number;
  readonly scimType: ScimType | null;

  constructor(status: number, detail: string, scimType: ScimType | null = null) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

/** A request that is wrong in itself: 400. */
export function bad(scimType: ScimType, detail: string): ScimFault {
  return new ScimFault(400, detail, scimType);
}

export function notFound(what: string): ScimFault {
  return new ScimFault(404, `${what} is not there`);
}

/** The body of an error; `status` is a string, as the RFC has it. */
export function faultBody({ status, scimType, message }: ScimFault): Record<string, unknown> {
  return {
    schemas: [errorUrn],
    status: String(status),
    ...(scimType ? { scimType } : {}),
    detail: message,
  };
}
