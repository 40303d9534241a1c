package schemas

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Lock is what published.lock holds: SHA-256 in hex by path.
type Lock map[string]string

// ReadLock reads lines of "hash  path", as sha256sum writes them.
func ReadLock(b []byte) (Lock, error) {
	l := Lock{}
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		sum, file, ok := strings.Cut(s.Text(), "  ")
		if !ok || len(sum) != 2*sha256.Size {
			return nil, fmt.Errorf("read published.lock: %q is not a hash and a path", s.Text())
		}
		l[file] = sum
	}
	return l, nil
}

// Bytes is what ReadLock reads, sorted by path.
func (l Lock) Bytes() []byte {
	var b bytes.Buffer
	for _, file := range slices.Sorted(maps.Keys(l)) {
		fmt.Fprintf(&b, "%s  %s\n", l[file], file)
	}
	return b.Bytes()
}

// Broken says what of the published is changed or gone, in plain sentences.
func (l Lock) Broken(files map[string][]byte) (out []string) {
	for _, file := range slices.Sorted(maps.Keys(l)) {
		b, ok := files[file]
		switch {
		case !ok:
			out = append(out, file+" is published but gone: keep its struct in events/retired.go, or its command's route")
		case hashFile(b) != l[file]:
			out = append(out, file+" is published and would change: make a new version of its type")
		}
	}
	return out
}

// Missing gives the files that are not published yet.
func (l Lock) Missing(files map[string][]byte) (out []string) {
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if l[file] == "" {
			out = append(out, file)
		}
	}
	return out
}

// Publish locks what is new.
func (l Lock) Publish(files map[string][]byte) {
	for _, file := range l.Missing(files) {
		l[file] = hashFile(files[file])
	}
}

func hashFile(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
