/**
 * Where a package of a JavaScript lockfile comes from, if that is a repository or a branch's archive
 * instead of a registry; null where it is a registry, a tarball or a folder.
 */
export function repositoryOf(written: string | null): string | null {
  if (written === null) return null;
  const isRepository =
    /^(?:git|ssh)[+:@]/.test(written) ||
    /^(?:github|gitlab|bitbucket|gist):/.test(written) ||
    /^https?:\/\/codeload\.github\.com\//.test(written) ||
    /^https?:\/\/[^#]*\.git(?:#|$)/.test(written) ||
    /^https?:\/\/[^#]*#(?:commit[=:])?[0-9a-f]{7,64}$/.test(written.replace(/\.tgz#.*$/, '')) ||
    /^https?:\/\/(?:gitlab|bitbucket)\.[^#]*\/(?:archive|repository\/archive|get)[./]/.test(
      written,
    );
  return isRepository ? written : null;
}

/** Whether it is a folder or file of the software's own. */
export function isOwn(written: string): boolean {
  return /^(?:workspace|file|link|portal|root):/.test(written);
}
