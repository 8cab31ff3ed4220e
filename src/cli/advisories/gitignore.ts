/** A line of a `.gitignore` (git-scm.com, "gitignore"). */
interface Rule {
  readonly pattern: RegExp;
  readonly takesBack: boolean;
  readonly foldersOnly: boolean;
}

/** What is passed over in a folder and below, by one file of rules. */
export interface Ignoring {
  /** Of the folder that the file lies in, ending with `/`, or empty. */
  readonly folder: string;
  readonly rules: readonly Rule[];
}

/** Reads a `.gitignore`; what is no pattern is passed over, as Git does. */
export function readIgnoring(folder: string, text: string): Ignoring {
  return { folder, rules: text.split(/\r?\n/).flatMap((line) => ruleOf(line) ?? []) };
}

/**
 * Whether a path is passed over: the last rule that fits decides, and those of a folder below come after
 * those above.
 *
 * @param path with `/`, relative to where the walk began
 */
export function isIgnored(path: string, isFolder: boolean, ignoring: readonly Ignoring[]): boolean {
  let ignored = false;
  for (const { folder, rules } of ignoring) {
    if (!path.startsWith(folder)) continue;
    const within = path.slice(folder.length);
    for (const { pattern, takesBack, foldersOnly } of rules) {
      if ((!foldersOnly || isFolder) && pattern.test(within)) ignored = !takesBack;
    }
  }
  return ignored;
}

function ruleOf(line: string): Rule | null {
  const plainEnd = line.trimEnd();
  const trimmed = plainEnd.endsWith('\\') ? `${plainEnd} ` : plainEnd;
  if (trimmed === '' || trimmed.startsWith('#')) return null;
  const takesBack = trimmed.startsWith('!');
  const written = takesBack ? trimmed.slice(1) : trimmed;
  const foldersOnly = written.endsWith('/');
  const plain = written.replace(/\/$/, '');
  // With a slash before its end it is of this folder; without, of every folder below as well.
  const anchored = plain.includes('/');
  const source = sourceOf(plain.replace(/^\//, ''));
  return {
    pattern: new RegExp(`^${anchored ? '' : '(?:.*/)?'}${source}$`),
    takesBack,
    foldersOnly,
  };
}

const tokens = /\*\*\/|\/\*\*$|\*+|\?|\[!?\]?[^\]]*\]|\\.|./gs;

/** The pattern as a regular expression; repetition never lies within repetition. */
export function sourceOf(pattern: string): string {
  return pattern.replace(tokens, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '/**') return '/.+';
    if (token.startsWith('*')) return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.length > 1 && token.startsWith('[')) return classOf(token);
    return escaped(token.length > 1 ? token.slice(1) : token);
  });
}

function classOf(token: string): string {
  const negated = token.startsWith('[!');
  const inner = token.slice(negated ? 2 : 1, -1).replace(/[\\\]^[]/g, '\\$&');
  return `[${negated ? '^' : ''}${inner}]`;
}

function escaped(sign: string): string {
  return sign.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
