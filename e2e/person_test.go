package e2e

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// send posts a small file under an Idempotency-Key.
func (p *program) send(key, idempotent, content string) response {
	p.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "leads of ann@example.com.csv")
	if err != nil {
		p.t.Fatal(err)
	}
	_, _ = io.WriteString(part, content)
	_ = form.Close()
	req, err := http.NewRequest(http.MethodPost, p.URL+"/v1/imports", &b)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Idempotency-Key", idempotent)
	r, err := p.do(key, req)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func TestAPersonComesIsChangedAndErased(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	org, key := p.organization("acme", "growth")

	const file = "email,first_name,shoe size\n Ann@Example.COM ,Ann,38\nbob@example.com,Bob,\nann@example.com,Ann again,39\nnobody,,\n"
	first := p.send(key, "upload-1", file)
	id := first.text("id")
	if first.Status != http.StatusCreated {
		t.Fatalf("upload: %d %s", first.Status, first.Raw)
	}
	done := p.imported(key, id)
	if done.number("rows") != 4 || done.number("created") != 2 || done.number("duplicates") != 1 || done.number("rejected") != 1 {
		t.Fatalf("import: %s", done.Raw)
	}
	if r := p.call(key, http.MethodGet, "/v1/imports/"+id+"/errors.csv", nil); !strings.Contains(string(r.Raw), "4,duplicate,email,duplicate_in_file") || !strings.Contains(string(r.Raw), "5,rejected,email,email_invalid,it has no @,nobody,,") {
		t.Errorf("errors.csv: %s", r.Raw)
	}
	if again := p.send(key, "upload-1", file); again.Status != http.StatusCreated || again.text("id") != id {
		t.Errorf("the same upload again: %d %s", again.Status, again.Raw)
	}
	if other := p.send(key, "upload-1", file+"eve@example.com,Eve,\n"); other.Status != http.StatusUnprocessableEntity || other.text("code") != "idempotency_key_reused" {
		t.Errorf("another file under the same key: %d %s", other.Status, other.Raw)
	}
	if again := p.imported(key, id); again.number("rows") != 4 {
		t.Errorf("after the repeats: %s", again.Raw)
	}

	page := p.must(http.StatusOK, key, http.MethodGet, "/v1/leads?email=ann@", nil).Body["data"].([]any)
	if len(page) != 1 {
		t.Fatalf("%d leads begin with ann@", len(page))
	}
	ann := page[0].(map[string]any)
	path := "/v1/leads/" + ann["id"].(string)
	if ann["email"] != "ann@example.com" || ann["custom"].(map[string]any)["shoe_size"] != "38" {
		t.Errorf("ann: %v", ann)
	}
	edited := p.must(http.StatusOK, key, http.MethodPatch, path, map[string]any{"job_title": "CEO", "custom": map[string]any{"shoe_size": nil}}, "If-Match", `"1"`)
	if edited.text("job_title") != "CEO" || len(edited.Body["custom"].(map[string]any)) != 0 || edited.text("first_name") != "Ann" || edited.Header.Get("ETag") != `"2"` {
		t.Errorf("edited: %s %s", edited.Raw, edited.Header.Get("ETag"))
	}
	if r := p.call(key, http.MethodPatch, path, map[string]any{"job_title": "CFO"}, "If-Match", `"1"`); r.Status != http.StatusPreconditionFailed {
		t.Errorf("an edit of an old version: %d %s", r.Status, r.Raw)
	}
	if r := p.call(key, http.MethodPost, "/v1/leads", map[string]any{"email": "ANN@example.com"}); r.Status != http.StatusConflict {
		t.Errorf("the same address again: %d %s", r.Status, r.Raw)
	}

	if r := p.call(key, http.MethodPost, path+"/erase", nil); r.Status >= 300 {
		t.Fatalf("erase: %d %s", r.Status, r.Raw)
	}
	gone := p.must(http.StatusOK, key, http.MethodGet, path, nil)
	if strings.Contains(strings.ToLower(string(gone.Raw)), "ann") || gone.text("erased_at") == "" {
		t.Errorf("erased: %s", gone.Raw)
	}
	conn, err := pgx.Connect(t.Context(), p.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for range 200 { // the reactor destroys the key a moment later
		var keys int
		if err := conn.QueryRow(t.Context(), `select count(*) from vault.person_keys where org_id = $1 and subject = $2`, org, ann["id"]).Scan(&keys); err != nil {
			t.Fatal(err)
		}
		if keys == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	var keys int
	if err := conn.QueryRow(t.Context(), `select count(*) from vault.person_keys where org_id = $1 and subject = $2`, org, ann["id"]).Scan(&keys); err != nil || keys != 0 {
		t.Errorf("ann's key is still there: %d, %v", keys, err)
	}
	if out := p.run("log", "tail", "--last", "0", "--org", org, "--json"); strings.Contains(out, "@example.com") || strings.Contains(out, "Ann") {
		t.Errorf("the log holds an address or a name in clear:\n%s", out)
	}
	if out := p.run("log", "verify"); !strings.Contains(out, "every chain") {
		t.Errorf("log verify: %s", out)
	}
}
