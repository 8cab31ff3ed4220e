import { bad, type ScimType } from './fault.ts';

/** Filters and paths of RFC 7644, figure 1 and section 3.5.2, as trees. */

export const comparisons = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof comparisons)[number];
export type Literal = string | number | boolean | null;

export type Filter =
  | { readonly is: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly is: 'not'; readonly of: Filter }
  | { readonly is: 'present'; readonly path: string }
  | {
      readonly is: 'compared';
      readonly path: string;
      readonly by: Comparison;
      readonly to: Literal;
    }
  /** `emails[type eq "work"]`: one and the same value fits all of `fits`. */
  | { readonly is: 'some'; readonly path: string; readonly fits: Filter };

/** Where a PATCH operation works: an attribute, those of its values that fit, a part of these. */
export interface PatchPath {
  readonly path: string;
  readonly fits: Filter | null;
  readonly sub: string | null;
}

/** Deeper nesting than anybody writes; a parser that recurses has to stop somewhere. */
const depthLimit = 50;
const lengthLimit = 10_000;

/** @throws ScimFault invalidFilter */
export function parseFilter(text: string): Filter {
  const parser = new Parser(text, 'invalidFilter');
  const filter = parser.either(0);
  parser.end();
  return filter;
}

/** @throws ScimFault invalidPath; invalidFilter where what stands in brackets is wrong */
export function parsePath(text: string): PatchPath {
  const parser = new Parser(text, 'invalidPath');
  const path = parser.path();
  const fits = parser.brackets(0);
  const sub = fits ? parser.after() : null;
  parser.end();
  return { path, fits, sub };
}

const NAME =
  /(?:urn:[A-Za-z0-9$_:.-]*[A-Za-z0-9$_-]|[A-Za-z$][A-Za-z0-9$_-]*(?:\.[A-Za-z$][A-Za-z0-9$_-]*)?)/y;
/** As JSON has it; that control characters are escaped is seen to by its own parser. */
const TEXT = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_])/y;
const WORD = /(?:true|false|null)(?![A-Za-z0-9_])/iy;
const SUB = /\.([A-Za-z$][A-Za-z0-9$_-]*)/y;

/** Recursive descent: `or` binds least, then `and`, then `not`; parentheses before all. */
class Parser {
  readonly #text: string;
  readonly #fault: ScimType;
  #at = 0;

  constructor(text: string, fault: ScimType) {
    this.#text = text;
    this.#fault = fault;
    if (text.length > lengthLimit) throw bad(fault, `longer than ${lengthLimit} characters`);
  }

  either(depth: number): Filter {
    let left = this.#both(depth);
    while (this.#keyword('or')) left = { is: 'or', left, right: this.#both(depth) };
    return left;
  }

  #both(depth: number): Filter {
    let left = this.#one(depth);
    while (this.#keyword('and')) left = { is: 'and', left, right: this.#one(depth) };
    return left;
  }

  #one(depth: number): Filter {
    if (depth > depthLimit) throw this.#wrong(`nested deeper than ${depthLimit}`);
    if (this.#not()) {
      const of = this.#group(depth);
      if (!of) throw this.#wrong('"not" is followed by parentheses');
      return { is: 'not', of };
    }
    return this.#group(depth) ?? this.#expression(depth);
  }

  #group(depth: number): Filter | null {
    if (!this.#symbol('(')) return null;
    const inner = this.either(depth + 1);
    if (!this.#symbol(')')) throw this.#wrong('a parenthesis is not closed');
    return inner;
  }

  #expression(depth: number): Filter {
    const path = this.path();
    const fits = this.brackets(depth);
    if (fits) {
      const sub = this.after();
      if (sub === null) return { is: 'some', path, fits };
      // Not in the RFC's grammar, and yet what Entra sends: `emails[type eq "work"].value eq "…"`.
      return { is: 'some', path, fits: { is: 'and', left: fits, right: this.#judged(sub) } };
    }
    return this.#judged(path);
  }

  #judged(path: string): Filter {
    this.#spaces();
    const word = /[A-Za-z]+/y;
    word.lastIndex = this.#at;
    const operator = word.exec(this.#text)?.[0] ?? '';
    this.#at += operator.length;
    const by = operator.toLowerCase();
    if (by === 'pr') return { is: 'present', path };
    if (!(comparisons as readonly string[]).includes(by))
      throw this.#wrong(`"${operator}" is no operator`);
    return { is: 'compared', path, by: by as Comparison, to: this.#literal() };
  }

  path(): string {
    this.#spaces();
    return this.#take(NAME) ?? this.#fail('the name of an attribute is missing');
  }

  brackets(depth: number): Filter | null {
    if (this.#text[this.#at] !== '[') return null;
    this.#at += 1;
    if (depth > depthLimit) throw this.#wrong(`nested deeper than ${depthLimit}`);
    const inner = this.either(depth + 1);
    if (!this.#symbol(']')) throw this.#wrong('a bracket is not closed');
    return inner;
  }

  /** `.value` behind brackets. */
  after(): string | null {
    return this.#take(SUB)?.slice(1) ?? null;
  }

  end(): void {
    this.#spaces();
    if (this.#at < this.#text.length) throw this.#wrong('more than was understood');
  }

  #literal(): Literal {
    this.#spaces();
    const text = this.#take(TEXT);
    if (text !== null) return this.#textOf(text);
    const number = this.#take(NUMBER);
    if (number !== null) return Number(number);
    const word = this.#take(WORD);
    // JSON knows these words in lower case; clients do not all.
    if (word !== null) return JSON.parse(word.toLowerCase()) as boolean | null;
    return this.#fail('a value is missing: text in quotation marks, a number, true, false or null');
  }

  #textOf(text: string): string {
    try {
      return JSON.parse(text) as string;
    } catch {
      return this.#fail('a control character stands in a text');
    }
  }

  #not(): boolean {
    this.#spaces();
    return this.#take(/not(?=\s*\()/iy) !== null;
  }

  #keyword(word: 'and' | 'or'): boolean {
    this.#spaces();
    return this.#take(word === 'and' ? /and(?=[\s(])/iy : /or(?=[\s(])/iy) !== null;
  }

  #symbol(symbol: string): boolean {
    this.#spaces();
    if (this.#text[this.#at] !== symbol) return false;
    this.#at += 1;
    return true;
  }

  #spaces(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #take(what: RegExp): string | null {
    what.lastIndex = this.#at;
    const found = what.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #fail(why: string): never {
    throw this.#wrong(why);
  }

  #wrong(why: string): Error {
    return bad(this.#fault, `"${this.#text}" at character ${this.#at + 1}: ${why}`);
  }
}
