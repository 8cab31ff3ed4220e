/** One small file a format, each with `alpha` asked for and `beta` asked for by alpha, where the format can say so. */
export const samples: Readonly<Record<string, string>> = {
  'package-lock.json': JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { alpha: '^1.0.0' }, devDependencies: { gamma: '*' } },
      'node_modules/alpha': { version: '1.0.0', dependencies: { beta: '^2.0.0' } },
      'node_modules/alpha/node_modules/beta': { version: '2.1.0' },
      'node_modules/beta': { version: '1.0.0', dev: true },
      'node_modules/@example/gamma': { version: '3.0.0', dev: true },
      'node_modules/gamma': { version: '3.0.0', dev: true, dependencies: { beta: '1' } },
      'packages/own': { version: '0.0.0' },
      'node_modules/own': { resolved: 'packages/own', link: true },
    },
  }),
  'npm-shrinkwrap.json': JSON.stringify({
    lockfileVersion: 1,
    dependencies: {
      alpha: { version: '1.0.0', dependencies: { beta: { version: '2.1.0' } } },
      renamed: { version: 'npm:gamma@3.0.0', dev: true },
      local: { version: 'file:../local' },
    },
  }),
  'pnpm-lock.yaml': `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      alpha:
        specifier: ^1.0.0
        version: 1.0.0(beta@2.1.0)
packages:
  alpha@1.0.0:
    resolution: {integrity: sha512-a}
  beta@2.1.0:
    resolution: {integrity: sha512-b}
  '@example/gamma@3.0.0':
    resolution: {integrity: sha512-c}
snapshots:
  alpha@1.0.0(beta@2.1.0):
    dependencies:
      beta: 2.1.0
  beta@2.1.0: {}
`,
  'yarn.lock': `# yarn lockfile v1


"@example/gamma@^3.0.0":
  version "3.0.0"
  resolved "https://registry.example.com/gamma.tgz#00"

alpha@^1.0.0, alpha@~1.0.0:
  version "1.0.0"
  dependencies:
    beta "^2.0.0"

beta@^2.0.0:
  version "2.1.0"
`,
  'bun.lock': `{
  "lockfileVersion": 1,
  // a comment
  "workspaces": { "": { "name": "own", "dependencies": { "alpha": "^1.0.0", } } },
  "packages": {
    "alpha": ["alpha@1.0.0", "", { "dependencies": { "beta": "^2.0.0" } }, "sha512-a"],
    "beta": ["beta@2.1.0", "", {}, "sha512-b"],
    "own": ["own@workspace:."],
  }
}`,
  'go.mod': `module example.com/own

go 1.22.1

require (
	example.com/alpha v1.0.0
	example.com/beta v2.1.0+incompatible // indirect
	example.com/gamma v0.1.0
)

require example.com/delta v0.0.0-20210817142637-7d9622a276b7
replace example.com/gamma => example.com/fork v3.0.0
replace example.com/delta v0.0.0-20210817142637-7d9622a276b7 => ../delta
`,
  'go.sum': `example.com/alpha v1.0.0 h1:aaaa=
example.com/alpha v1.0.0/go.mod h1:bbbb=
example.com/beta v2.1.0+incompatible h1:cccc=
`,
  'requirements.txt': `# comment
alpha[extra]==1.0.0 ; python_version >= "3.8" \\
    --hash=sha256:00
Beta_Two===2.1.0  # why
gamma>=3
-r other.txt
`,
  'Pipfile.lock': JSON.stringify({
    _meta: {},
    default: { alpha: { version: '==1.0.0' }, local: { path: '.' } },
    develop: { beta: { version: '==2.1.0' } },
  }),
  'poetry.lock': `[[package]]
name = "alpha"
version = "1.0.0"
groups = ["main"]

[package.dependencies]
beta = ">=2"

[[package]]
name = "beta"
version = "2.1.0"
groups = ["dev"]
`,
  'uv.lock': `version = 1

[[package]]
name = "own"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "alpha" }]

[[package]]
name = "alpha"
version = "1.0.0"
source = { registry = "https://pypi.example.com" }
dependencies = [{ name = "beta" }]

[[package]]
name = "beta"
version = "2.1.0"
source = { registry = "https://pypi.example.com" }
`,
  'pdm.lock': `[metadata]
groups = ["default"]

[[package]]
name = "alpha"
version = "1.0.0"
groups = ["default"]
dependencies = ["beta>=2"]

[[package]]
name = "beta"
version = "2.1.0"
groups = ["default"]
`,
  'Cargo.lock': `version = 3

[[package]]
name = "own"
version = "0.1.0"
dependencies = ["alpha"]

[[package]]
name = "alpha"
version = "1.0.0"
source = "registry+https://crates.example.com"
dependencies = ["beta 2.1.0"]

[[package]]
name = "beta"
version = "2.1.0"
source = "registry+https://crates.example.com"
`,
  'Gemfile.lock': `GEM
  remote: https://gems.example.com/
  specs:
    alpha (1.0.0)
      beta (~> 2.0)
    beta (2.1.0-x86_64-linux)

PLATFORMS
  ruby

DEPENDENCIES
  alpha (~> 1.0)
`,
  'composer.lock': JSON.stringify({
    packages: [
      { name: 'example/alpha', version: 'v1.0.0', require: { 'example/beta': '^2', php: '>=8' } },
    ],
    'packages-dev': [{ name: 'example/beta', version: '2.1.0' }],
  }),
  'pom.xml': `<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <version>9.9</version>
  <properties><beta.version>2.1.0</beta.version></properties>
  <dependencyManagement><dependencies><dependency>
    <groupId>com.example</groupId><artifactId>alpha</artifactId><version>1.0.0</version>
  </dependency></dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>com.example</groupId><artifactId>alpha</artifactId></dependency>
    <dependency><groupId>com.example</groupId><artifactId>beta</artifactId><version>\${beta.version}</version><scope>test</scope></dependency>
    <dependency><groupId>com.example</groupId><artifactId>gamma</artifactId></dependency>
  </dependencies>
</project>`,
  'gradle.lockfile': `# This is a Gradle generated file for dependency locking.
com.example:alpha:1.0.0=compileClasspath,runtimeClasspath
com.example:beta:2.1.0=testRuntimeClasspath
empty=annotationProcessor
`,
  'packages.lock.json': JSON.stringify({
    version: 1,
    dependencies: {
      'net8.0': {
        Alpha: { type: 'Direct', resolved: '1.0.0', dependencies: { Beta: '2.0.0' } },
        beta: { type: 'Transitive', resolved: '2.1.0' },
        own: { type: 'Project' },
      },
    },
  }),
  'mix.lock': `%{
  "alpha": {:hex, :alpha, "1.0.0", "aa", [:mix], [{:beta, "~> 2.0", [hex: :beta, repo: "hexpm", optional: false]}], "hexpm", "bb"},
  "beta": {:hex, :beta, "2.1.0", "cc", [:mix], [], "hexpm", "dd"},
}
`,
  'pubspec.lock': `packages:
  alpha:
    dependency: "direct main"
    source: hosted
    version: "1.0.0"
  beta:
    dependency: transitive
    source: hosted
    version: "2.1.0"
  own:
    dependency: "direct main"
    source: path
    version: "0.0.1"
`,
  'conan.lock': JSON.stringify({
    version: '0.4',
    graph_lock: {
      nodes: {
        0: { ref: 'own/1.0', path: 'conanfile.py', requires: ['1'] },
        1: { ref: 'alpha/1.0.0#aa', requires: ['2'] },
        2: { ref: 'beta/2.1.0@user/channel#bb:cc%1' },
      },
    },
  }),
  'renv.lock': JSON.stringify({
    R: { Version: '4.4.0' },
    Packages: {
      alpha: { Package: 'alpha', Version: '1.0.0', Repository: 'CRAN', Requirements: ['beta'] },
      beta: { Package: 'beta', Version: '2.1.0', Repository: 'CRAN' },
      gamma: { Package: 'gamma', Version: '3.0.0', Source: 'GitHub' },
    },
  }),
  'stack.yaml.lock': `packages:
- completed:
    hackage: alpha-1.0.0@sha256:aa,1
  original:
    hackage: alpha-1.0.0
- completed:
    hackage: beta-2.1.0@sha256:bb,2
snapshots: []
`,
  'verification-metadata.xml': `<?xml version="1.0"?>
<verification-metadata><components>
  <component group="com.example" name="alpha" version="1.0.0"><artifact name="alpha-1.0.0.jar"/></component>
  <component group="com.example" name="beta" version="2.1.0"/>
</components></verification-metadata>
`,
  'packages.config': `<?xml version="1.0"?>
<packages><package id="Alpha" version="1.0.0" /><package id="Beta" version="2.1.0" developmentDependency="true" /></packages>
`,
  'pylock.toml': `lock-version = "1.0"
[[packages]]
name = "alpha"
version = "1.0.0"
[[packages]]
name = "beta"
version = "2.1.0"
`,
};
