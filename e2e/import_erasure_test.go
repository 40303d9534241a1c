package e2e

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A person is erased while a file is read whose last row they are, and one of whose refused rows is about them.
func TestWhoIsErasedWhileAFileIsReadDoesNotComeBackByIt(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	_, key := p.organization("acme", "scale")
	const address, rows = "zqxperson@acme.test", 10_000
	lead := p.must(http.StatusCreated, key, http.MethodPost, "/v1/leads", map[string]any{"email": address, "first_name": "Zqxfirst"}).text("id")
	id := p.upload(key, map[string]string{"on_duplicate": "update"}, func(w io.Writer) {
		_, _ = io.WriteString(w, "email,first_name\nzqxperson(at)acme.test,Zqxfirst\n")
		for n := range rows {
			_, _ = fmt.Fprintf(w, "person%d@many.test,Many\n", n)
		}
		_, _ = io.WriteString(w, address+",Zqxagain\n")
	}).text("id")
	p.must(http.StatusNoContent, key, http.MethodPost, "/v1/leads/"+lead+"/erase", nil)
	done := p.imported(key, id)
	if done.text("status") != "completed" || done.number("created") != rows {
		t.Errorf("the import: %s", done.Raw)
	}
	if list := p.must(http.StatusOK, key, http.MethodGet, "/v1/leads?email="+address, nil); strings.Contains(string(list.Raw), "Zqx") {
		t.Errorf("the person is back: %s", list.Raw)
	}
	left := []string{"not looked yet"}
	for range 600 { // files go a moment after the import's end
		if left = filesNamed(t, filepath.Join(p.data, "blobs"), id); len(left) == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(left) > 0 {
		t.Errorf("of the file are left %v", left)
	}
	if r := p.call(key, http.MethodGet, "/v1/imports/"+id+"/errors.csv", nil); strings.Contains(strings.ToLower(string(r.Raw)), "zqx") {
		t.Errorf("errors.csv: %s", r.Raw)
	}
}

// filesNamed are those below a folder whose name begins so.
func filesNamed(t *testing.T, root, name string) (found []string) {
	t.Helper()
	if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasPrefix(d.Name(), name) {
			found = append(found, path)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return found
}
