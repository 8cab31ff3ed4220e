import type { Scheme } from './scheme.ts';
import { readSemver, type SemanticVersion, semver } from './semver.ts';

/**
 * Go: semantic versions with a `v`, pseudo-versions (which are prereleases by their form), and the
 * toolchain's own (`go1.21rc2` is `1.21.0-rc.2`; go.dev/doc/toolchain, "Version names"). `(devel)`,
 * what a binary says that was built from a work tree, is no version.
 */
export const go: Scheme<SemanticVersion> = {
  read(text) {
    const plain = text.startsWith('go') ? text.slice(2) : text;
    const toolchain = toolchainVersion.exec(plain);
    if (!toolchain) return readSemver(plain);
    const [, numbers = '', label = '', number = ''] = toolchain;
    return readSemver(`${numbers}${'.0'.repeat(3 - numbers.split('.').length)}-${label}.${number}`);
  },
  compare: semver.compare,
};

const toolchainVersion = /^v?(\d+(?:\.\d+){0,2})(alpha|beta|rc)(\d+)$/;
