import { type Node, parseSync, visitorKeys } from 'oxc-parser';

export type NodeOf<Type extends Node['type']> = Extract<Node, { type: Type }>;

/** One `import`, `export … from` or `import()` of a file. */
export interface Import {
  readonly specifier: string;
  /** Erased before it runs. `import { type A }` is not: it still loads the module. */
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
  /** Names taken from the module, as that module calls them; empty for `*`, default and bare imports. */
  readonly names: readonly string[];
  readonly line: number;
}

export interface Comment {
  readonly text: string;
  readonly line: number;
}

/** A parsed TypeScript or JavaScript file. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  readonly comments: readonly Comment[];
  readonly isTest: boolean;
  /** What the parser could not read; such a file has no nodes. */
  readonly syntaxErrors: readonly { readonly message: string; readonly line: number }[];
  /** Names the module exports and declares itself, with the line of each. */
  readonly exports: readonly { readonly name: string; readonly line: number }[];
  lineAt(offset: number): number;
  /** Every node of a type, in the order of the text. */
  nodes<Type extends Node['type']>(type: Type): readonly NodeOf<Type>[];
}

/** Parses one file; `path` decides between TypeScript, TSX and JavaScript. */
export function parseSource(path: string, text: string): Source {
  const parsed = parseSync(path, text, { preserveParens: false });
  const lineAt = lineFinder(text);
  let index: Map<string, Node[]> | undefined;
  return {
    path,
    text,
    lineCount: text === '' ? 0 : text.replace(/\n$/, '').split('\n').length,
    imports: importsOf(parsed.module, text, lineAt),
    comments: parsed.comments.map((it) => ({ text: it.value, line: lineAt(it.start) })),
    isTest: /\.(test|fixture)\.(ts|tsx|mjs)$/.test(path),
    syntaxErrors: parsed.errors
      .filter((error) => error.severity === 'Error')
      .map((error) => ({ message: error.message, line: lineAt(error.labels[0]?.start ?? 0) })),
    exports: exportsOf(parsed.module, lineAt),
    lineAt,
    nodes<Type extends Node['type']>(type: Type) {
      index ??= indexByType(parsed.program);
      return (index.get(type) ?? []) as NodeOf<Type>[];
    },
  };
}

type Module = ReturnType<typeof parseSync>['module'];

function importsOf(module: Module, text: string, lineAt: (offset: number) => number): Import[] {
  const statically = module.staticImports.map((it) => ({
    specifier: it.moduleRequest.value,
    typeOnly: /^import\s+type\b/.test(text.slice(it.start, it.end)),
    dynamic: false,
    names: it.entries.flatMap((entry) => entry.importName.name ?? []),
    line: lineAt(it.start),
  }));
  const passedOn = module.staticExports.flatMap((it) => {
    const request = it.entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest;
    if (!request) return [];
    return {
      specifier: request.value,
      typeOnly: /^export\s+type\b/.test(text.slice(it.start, it.end)),
      dynamic: false,
      names: it.entries.flatMap((entry) => entry.importName.name ?? []),
      line: lineAt(it.start),
    };
  });
  const dynamically = module.dynamicImports.flatMap((it) => {
    const literal = /^(['"`])(.*)\1$/s.exec(
      text.slice(it.moduleRequest.start, it.moduleRequest.end),
    );
    if (literal?.[2] === undefined) return [];
    return {
      specifier: literal[2],
      typeOnly: false,
      dynamic: true,
      names: [],
      line: lineAt(it.start),
    };
  });
  return [...statically, ...passedOn, ...dynamically];
}

function exportsOf(module: Module, lineAt: (offset: number) => number) {
  return module.staticExports.flatMap((statement) =>
    statement.entries
      .filter((entry) => entry.moduleRequest === null && entry.exportName.name !== null)
      .map((entry) => ({ name: entry.exportName.name ?? '', line: lineAt(entry.start) })),
  );
}

function indexByType(root: Node): Map<string, Node[]> {
  const index = new Map<string, Node[]>();
  const visit = (node: Node): void => {
    const alike = index.get(node.type);
    if (alike === undefined) index.set(node.type, [node]);
    else alike.push(node);
    for (const key of visitorKeys[node.type] ?? []) {
      const child = (node as unknown as Record<string, Node | (Node | null)[] | null | undefined>)[
        key
      ];
      if (Array.isArray(child)) {
        for (const one of child) if (one) visit(one);
      } else if (child) visit(child);
    }
  };
  visit(root);
  return index;
}

/** Offsets of the parser count UTF-16 units, as do ours. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
