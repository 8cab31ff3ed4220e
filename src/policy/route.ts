import type { z } from 'zod';
import type { Actor } from '../kernel/actor.ts';
import type { Db } from '../kernel/db.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Language } from '../kernel/language.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Execute } from './flow.ts';

/** What a handler is given. It never sees the request itself: input was parsed, the caller is known. */
export interface Request {
  readonly db: Db;
  readonly execute: Execute;
  /** Null only on routes whose permission is `public`. */
  readonly actor: Actor | null;
  readonly now: Instant;
  readonly zone: string;
  /** Name of the organisation; absent while nobody has set one up. */
  readonly organisation?: string;
  readonly language: Language;
  /** Whether the caller may also do `action`; lists use it to leave out what is not for them. */
  readonly may: (action: string) => boolean;
  /** Origin of this installation, without a trailing slash. */
  readonly url: string;
  /** Of a route that takes bytes: the body as it arrives, to be read once. */
  readonly body?: AsyncIterable<Uint8Array> | null;
}

/**
 * One operation of the API, as data: the server mounts it, OpenAPI describes it, the role matrix
 * lists it, the typed client calls it. GET and DELETE take their input from path and query, the
 * others from path and JSON body.
 */
export interface Route<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Under `/api/v1`; parameters in braces: `/people/{id}`. */
  readonly path: string;
  /** What it does, one line of the reference. */
  readonly summary: string;
  /** Cedar action the caller needs, or `public`. */
  readonly permission: string;
  readonly input: Input;
  readonly output: Output;
  /** Bytes of a body; 1 MiB where nothing is said. */
  readonly limitBytes?: number;
  /** The body is a file, in any format: its input comes from path and query, the file as `body`. */
  readonly takes?: 'bytes';
  handle(request: Request, input: z.output<Input>): Promise<Answer<z.input<Output>>>;
}

export type Answer<T> = Result<T, Refusal | NotFound> | Streamed;

export interface NotFound {
  readonly code: 'notFound';
  readonly params: Readonly<Record<string, string | number>>;
}

/** A long answer in pieces: CSV, archives. */
export interface Streamed {
  readonly stream: AsyncIterable<string | Uint8Array>;
  readonly mediaType: string;
  readonly filename: string;
}

/** Keeps the types of input and output together while routes are written as plain data. */
export function route<Input extends z.ZodType, Output extends z.ZodType>(
  definition: Route<Input, Output>,
): Route<Input, Output> {
  return definition;
}

export type Routes = Readonly<Record<string, Route>>;
