package node_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/app/node"
	"outrider/internal/linktoken"
)

// What people have in their mail goes on working, in processes that run and in new ones.
func TestTheKeyOfLinksRotates(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "links.key")
	if err := os.WriteFile(path, []byte(base64.StdEncoding.EncodeToString(make([]byte, 32))+"\n"), 0o600); err != nil { // as older versions wrote it
		t.Fatal(err)
	}
	load := func() *linktoken.Signer {
		t.Helper()
		s, err := node.LoadSigner(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	running := load()
	sent := linktoken.Token{Org: uuid.New(), Message: uuid.New()}
	before := running.Sign(linktoken.Unsubscribe, sent)
	if err := node.RotateLinkKey(path); err != nil {
		t.Fatal(err)
	}
	started := load()
	after := started.Sign(linktoken.Unsubscribe, sent)
	if after == before {
		t.Fatal("it signs with the old key")
	}
	for name, s := range map[string]*linktoken.Signer{"running": running, "started since": started} {
		for link, text := range map[string]string{"old": before, "new": after} {
			if got, err := s.Verify(linktoken.Unsubscribe, text); err != nil || got != sent {
				t.Errorf("a process %s, an %s link: %+v, %v", name, link, got, err)
			}
		}
		if s.Sign(linktoken.Unsubscribe, sent) != after {
			t.Errorf("a process %s doesn't sign with the new key", name)
		}
	}
	for range 14 {
		if err := node.RotateLinkKey(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := node.RotateLinkKey(path); err == nil {
		t.Error("took a seventeenth key")
	}
	if ids, err := node.LinkKeyIDs(path); err != nil || len(ids) != 16 {
		t.Errorf("%v, %v", ids, err)
	}
}
