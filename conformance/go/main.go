// Verifies an export of a Kept ledger with Go's own checksum-database code
// (golang.org/x/mod/sumdb): signatures by note, tiles and proofs by tlog.
//
// Usage: verify FOLDER KEY
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

// folder reads tiles for tlog. Go's paths carry the height of a tile, the ledger's do not.
type folder string

func (f folder) Height() int { return tileHeight }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, err := os.ReadFile(f.join(tilePath(tile)))
		if err != nil {
			return nil, err
		}
		read[i] = bytes
	}
	return read, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) join(path string) string { return filepath.Join(string(f), filepath.FromSlash(path)) }

func tilePath(tile tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
}

func entriesPath(bundle int64, width int) string {
	path := tilePath(tlog.Tile{H: tileHeight, L: 0, N: bundle, W: width})
	return "tile/entries/" + strings.TrimPrefix(path, "tile/0/")
}

// rotation is what matters of an entry that brings in a new key.
type rotation struct {
	Clause string
	Type   string
	Body   struct{ NewKey string }
	index  int64
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: verify FOLDER KEY")
		os.Exit(2)
	}
	if err := verify(folder(os.Args[1]), os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "does not verify:", err)
		os.Exit(1)
	}
}

func verify(f folder, firstKey string) error {
	text, err := os.ReadFile(f.join("checkpoint"))
	if err != nil {
		return err
	}
	// Size and root are believed only for as long as it takes to find the key that must have signed them.
	tree, err := parseCheckpoint(text)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, f)
	rotations, err := checkLeaves(f, tree, reader)
	if err != nil {
		return err
	}
	current, err := followKeys(f, firstKey, rotations, tree, reader)
	if err != nil {
		return err
	}
	if _, err := open(text, current); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	tiles, err := checkTiles(f, tree, reader)
	if err != nil {
		return err
	}
	if err := checkProofs(tree, reader); err != nil {
		return err
	}
	files, err := checkManifest(f, current)
	if err != nil {
		return err
	}
	fmt.Printf("verified leaves=%d tiles=%d rotations=%d files=%d\n", tree.N, tiles, len(rotations), files)
	return nil
}

func open(signed []byte, key string) (*note.Note, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, err
	}
	return note.Open(signed, note.VerifierList(verifier))
}

func parseCheckpoint(signed []byte) (tlog.Tree, error) {
	lines := strings.Split(string(signed), "\n")
	if len(lines) < 4 {
		return tlog.Tree{}, fmt.Errorf("the checkpoint is too short")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || size > 1<<40 {
		return tlog.Tree{}, fmt.Errorf("size %q of the checkpoint", lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("root %q of the checkpoint", lines[2])
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

// checkLeaves compares every entry with its leaf in the authenticated tree.
func checkLeaves(f folder, tree tlog.Tree, reader tlog.HashReader) ([]rotation, error) {
	var rotations []rotation
	for start := int64(0); start < tree.N; start += tileWidth {
		width := int(min64(tileWidth, tree.N-start))
		path := entriesPath(start/tileWidth, width)
		bundle, err := os.ReadFile(f.join(path))
		if err != nil {
			return nil, err
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, start+int64(i))
		}
		leaves, err := reader.ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		for i := range leaves {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("%s ends inside entry %d", path, i)
			}
			entry := bundle[2 : 2+int(binary.BigEndian.Uint16(bundle))]
			bundle = bundle[2+len(entry):]
			if tlog.RecordHash(entry) != leaves[i] {
				return nil, fmt.Errorf("entry %d is not the one in the tree", start+int64(i))
			}
			if bytes.Contains(entry, []byte(`"LedgerKeyRotated"`)) {
				found := rotation{index: start + int64(i)}
				if err := json.Unmarshal(entry, &found); err != nil {
					return nil, err
				}
				if found.Clause == "ledger" && found.Type == "LedgerKeyRotated" {
					rotations = append(rotations, found)
				}
			}
		}
		if len(bundle) != 0 {
			return nil, fmt.Errorf("%d bytes follow the last entry of %s", len(bundle), path)
		}
	}
	return rotations, nil
}

// followKeys goes from the first key to the current one; each rotation is signed by both keys,
// over a tree that has the rotation's entry and is the beginning of this one.
func followKeys(f folder, key string, rotations []rotation, tree tlog.Tree, reader tlog.HashReader) (string, error) {
	for i, found := range rotations {
		path := fmt.Sprintf("rotations/%04d", i+1)
		signed, err := os.ReadFile(f.join(path))
		if err != nil {
			return "", err
		}
		for _, signer := range []string{key, found.Body.NewKey} {
			if _, err := open(signed, signer); err != nil {
				return "", fmt.Errorf("%s: %w", path, err)
			}
		}
		older, err := parseCheckpoint(signed)
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		if found.index >= older.N || older.N > tree.N {
			return "", fmt.Errorf("%s: size %d does not fit", path, older.N)
		}
		proof, err := tlog.ProveTree(tree.N, older.N, reader)
		if err != nil {
			return "", err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash); err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		key = found.Body.NewKey
	}
	return key, nil
}

// checkTiles reads every hash of every tile above the leaves through the authenticating reader.
func checkTiles(f folder, tree tlog.Tree, reader tlog.HashReader) (int, error) {
	tiles := 0
	for level := 0; tree.N>>(tileHeight*level) > 0; level++ {
		hashes := tree.N >> (tileHeight * level)
		for start := int64(0); start < hashes; start += tileWidth {
			width := int(min64(tileWidth, hashes-start))
			indexes := make([]int64, width)
			for i := range indexes {
				indexes[i] = tlog.StoredHashIndex(tileHeight*level, start+int64(i))
			}
			read, err := reader.ReadHashes(indexes)
			if err != nil {
				return tiles, err
			}
			tile := tlog.Tile{H: tileHeight, L: level, N: start / tileWidth, W: width}
			stored, err := os.ReadFile(f.join(tilePath(tile)))
			if err != nil {
				return tiles, err
			}
			for i, hash := range read {
				if !bytes.Equal(hash[:], stored[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
					return tiles, fmt.Errorf("hash %d of %s", i, tile.Path())
				}
			}
			tiles++
		}
	}
	return tiles, nil
}

// checkProofs has tlog make and check inclusion proofs at the places where trees are odd.
func checkProofs(tree tlog.Tree, reader tlog.HashReader) error {
	for _, index := range []int64{0, 1, 255, 256, 257, 65535, 65536, tree.N / 2, tree.N - 1} {
		if index < 0 || index >= tree.N {
			continue
		}
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return err
		}
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0]); err != nil {
			return err
		}
	}
	// Older versions of tlog have no root for the tree without entries; RFC 6962 has one.
	if tree.N == 0 {
		if tree.Hash != sha256.Sum256(nil) {
			return fmt.Errorf("the root of the empty tree")
		}
		return nil
	}
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		return fmt.Errorf("the root is not that of the tiles (%v)", err)
	}
	return nil
}

func checkManifest(f folder, key string) (int, error) {
	signed, err := os.ReadFile(f.join("MANIFEST"))
	if err != nil {
		return 0, err
	}
	opened, err := open(signed, key)
	if err != nil {
		return 0, fmt.Errorf("MANIFEST: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
	if len(lines) < 3 || lines[0] != "kept export v1" {
		return 0, fmt.Errorf("MANIFEST begins with %q", lines[0])
	}
	for _, line := range lines[3:] {
		parts := strings.SplitN(line, " ", 3)
		if len(parts) != 3 {
			return 0, fmt.Errorf("line %q of MANIFEST", line)
		}
		content, err := os.ReadFile(f.join(parts[2]))
		if err != nil {
			return 0, err
		}
		if parts[0] != fmt.Sprintf("%x", sha256.Sum256(content)) || parts[1] != strconv.Itoa(len(content)) {
			return 0, fmt.Errorf("%s is not the file that MANIFEST lists", parts[2])
		}
	}
	return len(lines) - 3, nil
}

func min64(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
