package e2e

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/internal/app/erasure"
)

// erased is a person with a value in every field that is found nowhere else.
type erased struct {
	*correspondence
	lead    string // id
	imports string // id
	wrapped []byte // their key, as it lies in the vault
	keyID   int64
	needles []erasure.Needle
}

const zqxAddress = "zqxaddress@acme.test"

// zqxLead is the person as the API takes them.
func zqxLead() map[string]any {
	return map[string]any{"email": zqxAddress, "first_name": "Zqxfirst", "last_name": "Zqxlast", "phone": "+49 30 998712345", "company_name": "Zqxcompany GmbH", "job_title": "Zqxtitle",
		"linkedin_url": "https://www.linkedin.com/in/zqxlinked", "website": "https://zqxweb.example.com", "city": "Zqxcity", "country": "Zqxcountry", "custom": map[string]string{"zqxfieldname": "zqxfieldvalue"},
		"tags": []string{"zqxtag"}, "crm_id": "zqxcrm-77", "lawful_basis": "zqxbasis", "time_zone": "Pacific/Chatham"}
}

// zqxValues must not be found after the erasure; found says which of them the files held before.
func zqxValues() []string {
	return []string{zqxAddress, "Zqxfirst", "Zqxlast", "998712345", "Zqxcompany", "Zqxtitle", "zqxlinked", "zqxweb", "Zqxcity", "Zqxcountry", "zqxfieldname", "zqxfieldvalue", "zqxtag", "zqxcrm-77", "zqxbasis",
		"zqxreply", "zqxupdated", "zqxupdatedtag", "zqximported", "Zqxonce", "zqxrowtag", "zqxrowcrm", "zqxrowbasis", "zqxsegment", "zqxowndomain", "zqxearlier"}
}

// TestOfWhoIsErasedNoByteIsLeft looks at every byte below the data folder: Kafka's segments, Postgres' tables and its write-ahead log,
// ClickHouse's parts, blobs, snapshots and logs.
func TestOfWhoIsErasedNoByteIsLeft(t *testing.T) {
	t.Parallel()
	servers := startSimulated(t, postfixWay{delimiter: "+"})
	if err := servers.server.AddAccount(zqxAddress, "secret"); err != nil {
		t.Fatal(err)
	}
	s := &erased{correspondence: &correspondence{t: t, program: startProgram(t, mailFlags(servers.at().ca)...), servers: servers}}
	s.connect(postfixWay{delimiter: "+"})
	for _, v := range zqxValues() {
		n, _ := erasure.NewNeedle(v)
		s.needles = append(s.needles, n)
	}
	s.live()
	s.readKey()
	if held := s.search(); len(held["the key"]) == 0 || len(held["Zqxfirst"]) == 0 || len(held["zqxreply"]) == 0 { // a search that finds nothing proves nothing
		t.Fatalf("before the erasure the files hold %v", held)
	}
	if out, err := s.verify("--search-only"); err == nil || !strings.Contains(out, "isn't erased") {
		t.Errorf("before the erasure: %v %s", err, out)
	}

	s.tryErasure()
	marks := s.dumpVault()
	s.erase()
	if out, err := s.verify(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
	s.wantNothing("after verify")
	s.stop(syscall.SIGTERM)
	s.wantNothing("after the process has ended")
	s.start()

	s.restoreKey()
	s.restart()
	s.wantNoKey("its table came back")
	marks()
	s.restoreKey()
	s.restart()
	s.wantNoKey("the whole vault came back")
}

// live lets everything happen to the person that writes something about them down.
func (s *erased) live() {
	s.t.Helper()
	lead := zqxLead()
	lead["email"] = "zqxearlier@acme.test"
	s.lead = s.must(http.StatusCreated, s.key, http.MethodPost, "/v1/leads", lead).text("id")
	s.must(http.StatusOK, s.key, http.MethodPatch, "/v1/leads/"+s.lead, map[string]any{"email": zqxAddress, "job_title": "zqxupdated", "tags": []string{"zqxtag", "zqxupdatedtag"}, "custom": map[string]any{"zqxfieldname": "zqxfieldvalue"}})
	up := s.upload(s.key, map[string]string{"on_duplicate": "update"}, func(w io.Writer) {
		_, _ = io.WriteString(w, "email,first_name,company,tags,crm_id,lawful_basis,segment\nzqximported@zqxowndomain.test,Zqxonce,Zqxcompany,zqxrowtag,zqxrowcrm,zqxrowbasis,zqxsegment\n"+
			zqxAddress+",,,zqxrowtag,,,zqxsegment\nzqximported(at)zqxowndomain.test,Zqxonce,,,,,\n")
	})
	s.imports = up.text("id")
	if done := s.imported(s.key, s.imports); done.number("created") != 1 || done.number("updated") != 1 || done.number("rejected") != 1 {
		s.t.Fatalf("import: %s", done.Raw)
	}
	shown := s.must(http.StatusOK, s.key, http.MethodGet, "/v1/leads/"+s.lead, nil)
	for _, want := range []string{"zqxupdatedtag", "zqxrowtag", "zqxcrm-77", "zqxbasis", "zqxsegment", "Pacific/Chatham"} {
		if !strings.Contains(string(shown.Raw), want) {
			s.t.Errorf("the lead lacks %s: %s", want, shown.Raw)
		}
	}
	if r := s.must(http.StatusOK, s.key, http.MethodGet, "/v1/imports/"+s.imports+"/errors.csv", nil); !strings.Contains(string(r.Raw), "Zqxonce") {
		s.t.Errorf("errors.csv: %s", r.Raw)
	}
	campaign := s.must(http.StatusCreated, s.key, http.MethodPost, "/v1/campaigns", map[string]any{"name": "Spring", "approval": "none", "steps": []map[string]any{{"kind": "email", "delay_days": 0,
		"variants": []map[string]any{{"name": "A", "subject": "A question", "body": "Hello {{ first_name }} of {{ company_name }},\n\ncould we talk?\n\nJane"}}}}}).text("id")
	path := "/v1/campaigns/" + campaign
	s.must(http.StatusOK, s.key, http.MethodPut, path+"/settings", map[string]any{"window": map[string]any{"days": []int{1, 2, 3, 4, 5, 6, 7}, "from": "00:00", "to": "24:00"},
		"company_cap": 0, "company_gap_minutes": 0, "stop_on_company": false, "unsubscribe_footer": true})
	s.must(http.StatusOK, s.key, http.MethodPut, path+"/mailboxes", map[string]any{"mailbox_ids": []string{s.mailbox}})
	s.must(http.StatusOK, s.key, http.MethodPost, path+"/enrollments", map[string]any{"lead_ids": []string{s.lead}})
	s.must(http.StatusOK, s.key, http.MethodPost, path+"/launch", nil)
	name, _, _ := strings.Cut(zqxAddress, "@")
	s.answer(name, s.arrived(name, postfixWay{delimiter: "+"}), "Thank you, says zqxreply.")
	s.leads = map[string]string{zqxAddress: s.lead}
	s.message(zqxAddress, "replied_at")
	s.exported(s.key, map[string]any{"kind": "leads"})
	s.exported(s.key, map[string]any{"kind": "messages"})
	for _, step := range []string{"rebuild", "swap"} {
		s.run("projections", step, "leads")
	}
}

func (s *erased) connection() *pgx.Conn {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.Postgres)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close(s.t.Context()) })
	return conn
}

func (s *erased) readKey() {
	s.t.Helper()
	if err := s.connection().QueryRow(s.t.Context(), `select org_id::text, key_id, wrapped from vault.person_keys where subject = $1`, s.lead).Scan(&s.org, &s.keyID, &s.wrapped); err != nil {
		s.t.Fatal(err)
	}
	s.needles = append(s.needles, erasure.Bytes("the key", s.wrapped))
	// What is written to disk late is there now.
	if _, err := s.connection().Exec(s.t.Context(), `checkpoint`); err != nil {
		s.t.Fatal(err)
	}
}

func (s *erased) erase() {
	s.t.Helper()
	imported := s.must(http.StatusOK, s.key, http.MethodGet, "/v1/leads?email=zqximported@", nil).Body["data"].([]any)[0].(map[string]any)["id"].(string)
	for _, id := range []string{s.lead, imported} {
		if id == s.lead {
			if out := s.run("privacy", "erase", "--email", zqxAddress); !strings.Contains(out, s.lead+" of organisation "+s.org+" erased") {
				s.t.Errorf("privacy erase: %s", out)
			}
		} else {
			s.must(http.StatusNoContent, s.key, http.MethodPost, "/v1/leads/"+id+"/erase", nil)
		}
		s.must(http.StatusOK, s.key, http.MethodGet, "/v1/leads/"+id, nil)
		s.wantKeyGone(id)
	}
	var r response
	for range 600 { // the reactor deletes files a moment later
		if r = s.call(s.key, http.MethodGet, "/v1/imports/"+s.imports+"/errors.csv", nil); !strings.Contains(strings.ToLower(string(r.Raw)), "zqx") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Errorf("after the erasure errors.csv says %s", r.Raw)
}

// tryErasure asks what an erasure would take, which changes nothing.
func (s *erased) tryErasure() {
	s.t.Helper()
	before := s.must(http.StatusOK, s.key, http.MethodGet, "/v1/leads/"+s.lead, nil)
	out := s.run("privacy", "erase", "--email", zqxAddress, "--dry-run")
	for _, want := range []string{s.lead + " of organisation " + s.org + " would be erased: the key", "leads (1)", "messages (1)", "timeline (", "files of imports and exports (", "nothing was changed"} {
		if !strings.Contains(out, want) {
			s.t.Errorf("privacy erase --dry-run doesn't say %q: %s", want, out)
		}
	}
	after := s.must(http.StatusOK, s.key, http.MethodGet, "/v1/leads/"+s.lead, nil)
	if string(after.Raw) != string(before.Raw) || s.countKeys(s.connection(), s.lead) != 1 {
		s.t.Errorf("a dry run has changed the lead: %s", after.Raw)
	}
	if out := s.run("privacy", "erase", "--email", "nobody@acme.test"); !strings.Contains(out, "nobody has this address") {
		s.t.Errorf("privacy erase of nobody: %s", out)
	}
}

// wantKeyGone waits until the reactor has destroyed a key.
func (s *erased) wantKeyGone(id string) {
	s.t.Helper()
	conn := s.connection()
	for range 600 {
		if s.countKeys(conn, id) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("the key of %s stays", id)
}

func (s *erased) countKeys(conn *pgx.Conn, id string) (n int) {
	s.t.Helper()
	if err := conn.QueryRow(s.t.Context(), `select count(*) from vault.person_keys where subject = $1`, id).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *erased) verify(more ...string) (string, error) {
	args := append([]string{"privacy", "verify", "--email", zqxAddress}, more...)
	for _, v := range zqxValues()[1:] {
		args = append(args, "--value", v)
	}
	return s.tryRun(args...)
}

// search returns the files that hold something of the person, by what they hold.
func (s *erased) search() map[string][]string {
	s.t.Helper()
	held := map[string][]string{}
	err := filepath.WalkDir(s.data, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) || err == nil && !d.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		found, err := erasure.Search(f, s.needles)
		for _, v := range found {
			held[v] = append(held[v], strings.TrimPrefix(path, s.data))
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return held
}

func (s *erased) wantNothing(when string) {
	s.t.Helper()
	for value, files := range s.search() {
		s.t.Errorf("%s %s is in %v", when, value, files)
	}
	for _, n := range s.needles {
		if s.cmd == nil && n.In(s.logs.Bytes()) {
			s.t.Errorf("%s the log of the process holds %s", when, n.Value)
		}
	}
}

// dumpVault remembers what the vault knows of erasures; the function that it returns puts that back.
func (s *erased) dumpVault() func() {
	s.t.Helper()
	if _, err := s.connection().Exec(s.t.Context(), `create schema dump; create table dump.marks as table vault.erasure_marks; create table dump.done as table vault.erasures; create table dump.keys as table vault.erased_keys`); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		s.t.Helper()
		if _, err := s.connection().Exec(s.t.Context(), `truncate vault.erasure_marks, vault.erasures, vault.erased_keys; insert into vault.erasure_marks table dump.marks;
			insert into vault.erasures table dump.done; insert into vault.erased_keys table dump.keys`); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *erased) restoreKey() {
	s.t.Helper()
	if _, err := s.connection().Exec(s.t.Context(), `insert into vault.person_keys values ($1, $2, $3, $4)`, s.org, s.lead, s.keyID, s.wrapped); err != nil {
		s.t.Fatal(err)
	}
}

func (s *erased) restart() {
	s.t.Helper()
	s.stop(syscall.SIGTERM)
	s.start()
}

func (s *erased) wantNoKey(why string) {
	s.t.Helper()
	if n := s.countKeys(s.connection(), s.lead); n != 0 {
		s.t.Errorf("%s and the process has started: the key is there", why)
	}
}
