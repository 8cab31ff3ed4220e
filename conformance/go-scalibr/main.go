// Reads the fixtures of osv-scalibr by its own extractors: one line of JSON a file.
package main

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/extractor/filesystem/language/cpp/conanlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dart/pubspec"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/packageslockjson"
	elixir "github.com/google/osv-scalibr/extractor/filesystem/language/elixir/mixlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/golang/gomod"
	"github.com/google/osv-scalibr/extractor/filesystem/language/haskell/stacklock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/gradlelockfile"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/gradleverificationmetadataxml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/pomxml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/bunlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/packagelockjson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/pnpmlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/yarnlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/php/composerlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/pdmlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/pipfilelock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/poetrylock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/pylock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/requirements"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/uvlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/r/renvlock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/ruby/gemfilelock"
	"github.com/google/osv-scalibr/extractor/filesystem/language/rust/cargolock"
	scalibrfs "github.com/google/osv-scalibr/fs"

	cpb "github.com/google/osv-scalibr/binary/proto/config_go_proto"
)

type kind struct {
	Name   string
	Folder string
	New    func(*cpb.PluginConfig) (filesystem.Extractor, error)
}

var kinds = []kind{
	{"conan.lock", "cpp/conanlock", conanlock.New},
	{"pubspec.lock", "dart/pubspec", pubspec.New},
	{"packages.lock.json", "dotnet/packageslockjson", packageslockjson.New},
	{"mix.lock", "elixir/mixlock", elixir.New},
	{"go.mod", "golang/gomod", gomod.New},
	{"stack.yaml.lock", "haskell/stacklock", stacklock.New},
	{"gradle.lockfile", "java/gradlelockfile", gradlelockfile.New},
	{"verification-metadata.xml", "java/gradleverificationmetadataxml", gradleverificationmetadataxml.New},
	{"pom.xml", "java/pomxml", pomxml.New},
	{"bun.lock", "javascript/bunlock", bunlock.New},
	{"package-lock.json", "javascript/packagelockjson", packagelockjson.New},
	{"pnpm-lock.yaml", "javascript/pnpmlock", pnpmlock.New},
	{"yarn.lock", "javascript/yarnlock", yarnlock.New},
	{"composer.lock", "php/composerlock", composerlock.New},
	{"pdm.lock", "python/pdmlock", pdmlock.New},
	{"Pipfile.lock", "python/pipfilelock", pipfilelock.New},
	{"poetry.lock", "python/poetrylock", poetrylock.New},
	{"pylock.toml", "python/pylock", pylock.New},
	{"requirements.txt", "python/requirements", requirements.New},
	{"uv.lock", "python/uvlock", uvlock.New},
	{"renv.lock", "r/renvlock", renvlock.New},
	{"Gemfile.lock", "ruby/gemfilelock", gemfilelock.New},
	{"Cargo.lock", "rust/cargolock", cargolock.New},
}

type found struct {
	Name      string `json:"name"`
	Version   string `json:"version"`
	Ecosystem string `json:"ecosystem"`
	Commit    string `json:"commit,omitempty"`
	Metadata  any    `json:"metadata,omitempty"`
}

type line struct {
	Kind     string  `json:"kind"`
	Path     string  `json:"path"`
	Error    string  `json:"error,omitempty"`
	Packages []found `json:"packages"`
}

func main() {
	root := os.Args[1]
	out := json.NewEncoder(os.Stdout)
	for _, k := range kinds {
		folder := filepath.Join(root, "extractor/filesystem/language", k.Folder, "testdata")
		extractor, err := k.New(&cpb.PluginConfig{})
		if err != nil {
			panic(err)
		}
		_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return nil
			}
			relative, _ := filepath.Rel(root, path)
			_ = out.Encode(read(extractor, k.Name, root, relative))
			return nil
		})
	}
}

func read(extractor filesystem.Extractor, name, root, path string) line {
	answer := line{Kind: name, Path: path, Packages: []found{}}
	file, err := os.Open(filepath.Join(root, path))
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	defer file.Close()
	stat, _ := file.Stat()
	inventory, err := extractor.Extract(context.Background(), &filesystem.ScanInput{
		FS: scalibrfs.DirFS(root), Path: path, Root: root, Info: stat, Reader: file,
	})
	if err != nil {
		answer.Error = err.Error()
	}
	for _, p := range inventory.Packages {
		one := found{Name: p.Name, Version: p.Version, Ecosystem: p.Ecosystem().String(), Metadata: p.Metadata}
		if p.SourceCode != nil {
			one.Commit = p.SourceCode.Commit
		}
		answer.Packages = append(answer.Packages, one)
	}
	return answer
}
