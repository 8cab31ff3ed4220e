/** The vault said no: problem details (RFC 9457), with what can be done about it. */
export class VaultProblem extends Error {
  override readonly name = 'VaultProblem';
  readonly status: number;
  /** Closed list in docs/vault.md, such as `objectUnknown` or `quotaExceeded`. */
  readonly code: string;
  readonly action: string | null;
  readonly params: Readonly<Record<string, string | number>>;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    super(String(body['detail'] ?? `the vault answered ${status}`));
    this.status = status;
    this.code = String(body['code'] ?? 'unknown');
    this.action = typeof body['action'] === 'string' ? body['action'] : null;
    this.params = (body['params'] ?? {}) as VaultProblem['params'];
  }
}

/** Reads why an answer says no. */
export async function problemOf(answer: Response): Promise<VaultProblem> {
  const body: unknown = await answer.json().catch(() => ({}));
  return new VaultProblem(answer.status, body as Record<string, unknown>);
}
