package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The whole program against mail servers as people run them: a mailbox is connected, four people are written to, and what they do
// arrives, whether the servers know addresses with a tag or not.
func TestPostfixAndDovecot(t *testing.T) {
	for name, way := range map[string]postfixWay{
		"with tags":                {delimiter: "+"},
		"without":                  {},
		"without, said afterwards": {accepts: true},
	} {
		t.Run(name, func(t *testing.T) {
			servers := startPostfix(t, way)
			correspond(t, startProgram(t, mailFlags(servers.at().ca)...), servers, way, "bob@acme.test", "carl@acme.test", "dora@acme.test", "nobody@acme.test", "gone@gone.test")
		})
	}
}

func (p *postfix) inbox(t *testing.T, name string) (out []string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(p.dir, "mail", name, "new", "*"))
	for _, f := range files {
		out = append(out, string(readFile(t, f)))
	}
	return out
}

func (p *postfix) sortIntoJunk(t *testing.T, name, text string) {
	t.Helper()
	uid, gid := idsOf(t, "mail")
	path := filepath.Join(p.dir, "mail", name, ".Junk", "new", "1.answer.mail")
	p.must(t, os.WriteFile(path, []byte(strings.ReplaceAll(text, "\r\n", "\n")), 0o600))
	p.must(t, os.Chown(path, uid, gid))
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
