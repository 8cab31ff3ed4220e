/** What a package URL is made from; a name may still be missing. */
export interface PurlParts {
  readonly type?: string | null | undefined;
  readonly namespace?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly version?: string | null | undefined;
  readonly qualifiers?: Readonly<Record<string, string>> | null | undefined;
  readonly subpath?: string | null | undefined;
}

/** The same, each part said. */
export interface Parts {
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly version: string | null;
  readonly qualifiers: Readonly<Record<string, string>> | null;
  readonly subpath: string | null;
}

/** What a type asks beyond the general rules (purl-spec, "Known PURL types"). */
export interface TypeRule {
  readonly namespace?: 'required' | 'prohibited';
  /** The namespace is the host alone, everything behind it the name. */
  readonly nameHasPath?: boolean;
  readonly fit?: (parts: Parts) => Parts;
  /** What is wrong with the parts, said in words; undefined where nothing is. */
  readonly objection?: (parts: Parts) => string | undefined;
}

const lower = (text: string | null): string | null => text?.toLowerCase() ?? null;
const upper = (text: string | null): string | null => text?.toUpperCase() ?? null;

const lowerAll: TypeRule['fit'] = (parts) => ({
  ...parts,
  namespace: lower(parts.namespace),
  name: lower(parts.name),
});
const lowerNamespace: TypeRule['fit'] = (parts) => ({
  ...parts,
  namespace: lower(parts.namespace),
});
const lowerName: TypeRule['fit'] = (parts) => ({ ...parts, name: lower(parts.name) });
const lowerVersion: TypeRule['fit'] = (parts) => ({ ...parts, version: lower(parts.version) });

const rules: Readonly<Record<string, TypeRule>> = {
  alpm: { fit: lowerAll },
  apk: { fit: lowerAll },
  bitbucket: { fit: lowerAll },
  bitnami: { fit: lowerName },
  brew: { fit: lowerAll },
  cargo: { namespace: 'prohibited' },
  'chrome-extension': { namespace: 'prohibited', objection: objectionToExtension },
  cocoapods: { namespace: 'prohibited' },
  composer: { fit: lowerAll },
  conan: { objection: objectionToConan },
  cpan: {
    fit: (parts) => ({ ...parts, namespace: upper(parts.namespace) }),
    objection: ({ name }) =>
      name?.includes('::') ? 'a distribution is named, not a module' : undefined,
  },
  cran: { namespace: 'prohibited' },
  deb: { fit: lowerAll },
  git: { nameHasPath: true, fit: lowerAll },
  github: { fit: lowerAll },
  gitlab: { fit: lowerAll },
  golang: { fit: lowerAll },
  hex: { fit: lowerAll },
  huggingface: { fit: lowerVersion },
  julia: {
    namespace: 'prohibited',
    objection: ({ qualifiers }) =>
      qualifiers?.['uuid'] ? undefined : 'the qualifier "uuid" is required',
  },
  luarocks: { fit: lowerAll },
  mlflow: { namespace: 'prohibited', fit: fitModel },
  npm: { fit: lowerAll },
  oci: { namespace: 'prohibited', fit: lowerName },
  opam: { namespace: 'prohibited' },
  otp: { namespace: 'prohibited', fit: lowerName },
  pub: { namespace: 'prohibited', fit: lowerName },
  pypi: {
    namespace: 'prohibited',
    fit: (parts) => ({ ...parts, name: parts.name?.toLowerCase().replaceAll('_', '-') ?? null }),
  },
  qpkg: { fit: lowerNamespace },
  rpm: { fit: lowerNamespace },
  swift: { namespace: 'required' },
  vcpkg: { namespace: 'prohibited', fit: lowerName },
  'vscode-extension': { namespace: 'required', fit: lowerAll },
};

const plain: TypeRule = {};

export function typeRuleOf(type: string): TypeRule {
  return Object.hasOwn(rules, type) ? (rules[type] ?? plain) : plain;
}

function objectionToExtension({ name, version }: Parts): string | undefined {
  if (!/^[a-p]{32}$/.test(name ?? '')) return 'a name has 32 letters from a to p';
  if (version !== null && !/^\d+(?:\.\d+){0,3}$/.test(version)) {
    return 'a version has one to four numbers with points between';
  }
  return undefined;
}

function objectionToConan({ namespace, qualifiers }: Parts): string | undefined {
  const channel = qualifiers?.['channel'];
  if (namespace && qualifiers && !channel && qualifiers['user']) {
    return 'with a namespace and a user there is a channel';
  }
  return undefined;
}

/** Databricks does not tell capitals in names of models; Azure does. */
function fitModel(parts: Parts): Parts {
  const host = parts.qualifiers?.['repository_url'] ?? '';
  return host.includes('databricks') ? { ...parts, name: lower(parts.name) } : parts;
}
