package e2e

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

const leadCases = "testdata/leads"

// leadCase is a row of the cases' README.md about a file.
type leadCase struct {
	file     string
	fields   map[string]string
	expected []string // one of these must hold
}

func readLeadCases(t *testing.T) (cases []leadCase) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(leadCases, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), " | ")
		name := strings.TrimPrefix(cells[0], "| ")
		if len(cells) < 3 || !strings.HasPrefix(name, "`") || !strings.Contains(name, ".csv`") {
			continue
		}
		file, with, _ := strings.Cut(strings.TrimPrefix(name, "`"), "`")
		c := leadCase{file: file, fields: map[string]string{}, expected: strings.Split(cells[1], " — or — ")}
		if k, v, ok := strings.Cut(strings.TrimPrefix(with, " with "), "="); ok {
			c.fields[k] = v
		}
		cases = append(cases, c)
	}
	return cases
}

// post sends a file as it is.
func (p *program) post(key, path string, fields map[string]string, name string, content []byte) response {
	p.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for k, v := range fields {
		_ = form.WriteField(k, v)
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		p.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	req, err := http.NewRequest(http.MethodPost, p.URL+path, &b)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", form.FormDataContentType())
	r, err := p.do(key, req)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// outcome is what became of a file: the refusal of the upload, or the import with its leads.
type outcome struct {
	refused  response
	done     response
	errors   string
	rejected []int
	leads    map[string]map[string]any
}

func (p *program) importFile(key string, fields map[string]string, name string, content []byte) (o outcome) {
	p.t.Helper()
	r := p.post(key, "/v1/imports", fields, name, content)
	if r.Status != http.StatusCreated {
		o.refused = r
		return o
	}
	o.done = p.imported(key, r.text("id"))
	o.errors = string(p.call(key, http.MethodGet, "/v1/imports/"+r.text("id")+"/errors.csv", nil).Raw)
	rows := p.must(http.StatusOK, key, http.MethodGet, "/v1/imports/"+r.text("id")+"/rows?outcome=rejected", nil)
	for _, row := range rows.Body["data"].([]any) {
		o.rejected = append(o.rejected, int(row.(map[string]any)["row"].(float64)))
	}
	o.leads = map[string]map[string]any{}
	for _, lead := range p.must(http.StatusOK, key, http.MethodGet, "/v1/leads?limit=100&import_id="+r.text("id"), nil).Body["data"].([]any) {
		l := lead.(map[string]any)
		o.leads[l["email"].(string)] = l
	}
	return o
}

// misses says which clause of an expectation doesn't hold; "" = all do.
func (o outcome) misses(expectation string) string {
	for _, clause := range strings.Split(expectation, "; ") {
		if why := o.missesClause(strings.TrimSpace(clause)); why != "" {
			return clause + ": " + why
		}
	}
	return ""
}

var (
	countClause = regexp.MustCompile(`^(created|rejected|rows) (\d+)$`)
	leadClause  = regexp.MustCompile(`^lead (\S+@[^:]+)(?:: (.*))?$`)
	fieldValue  = regexp.MustCompile(`^(\w+) (absent|"(?:[^"\\]|\\.)*"|\{[^}]*\}|\[[^\]]*\])(?:, )?`)
)

func (o outcome) missesClause(clause string) string {
	if naming, ok := strings.CutPrefix(clause, "422 naming "); ok {
		words := strings.Split(strings.TrimPrefix(naming, "one of "), ", ")
		said := strings.ToLower(string(o.refused.Raw))
		if o.refused.Status != 422 || !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(said, w) }) {
			return fmt.Sprintf("%d %s", o.refused.Status, o.refused.Raw)
		}
		return ""
	}
	if o.refused.Status != 0 {
		return fmt.Sprintf("%d %s", o.refused.Status, o.refused.Raw)
	}
	if m := countClause.FindStringSubmatch(clause); m != nil {
		if want, _ := strconv.Atoi(m[2]); o.done.number(m[1]) != want {
			return string(o.done.Raw) + o.errors
		}
		return ""
	}
	if m := leadClause.FindStringSubmatch(clause); m != nil {
		return missesFields(o.leads[m[1]], m[2])
	}
	leftOut := fmt.Sprint(o.done.Body["left_out"])
	holds := func(what bool) string {
		if !what {
			return string(o.done.Raw) + o.errors
		}
		return ""
	}
	switch clause {
	case "rejected rows 14":
		return holds(slices.Equal(o.rejected, []int{14}))
	case "names of columns in the answer hold no control or invisible character":
		return holds(strings.IndexFunc(fmt.Sprint(o.done.Body["mapping"]), func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) < 0)
	case "own fields hold first, second, third":
		return o.missesClause("a field of a lead holds first, second, third")
	case "what was left out is said", "the answer names the columns that were left out":
		return holds(leftOut != "[]")
	case "rows with a zone that is not known are said":
		return holds(strings.Contains(leftOut, "time_zone_unknown") && strings.Contains(o.errors, "5,created,time_zone,time_zone_unknown"))
	case "the answer or errors.csv says that row 2 has a zone that is not known":
		return holds(strings.Contains(o.errors, "2,created,time_zone,time_zone_unknown"))
	case "a file that the product writes for spreadsheets begins such values with an apostrophe", "{{ unsubscribe_link }} in a message is still the product's own link":
		return "" // seen below
	}
	if values, ok := strings.CutPrefix(clause, "a field of a lead holds "); ok {
		values, _, _ = strings.Cut(values, ", or the answer")
		all, _ := json.Marshal(o.leads)
		for _, v := range strings.Split(values, ", ") {
			if !bytes.Contains(all, []byte(v)) {
				return fmt.Sprintf("no lead has %s: %s", v, all)
			}
		}
		return ""
	}
	return "nobody knows what this means"
}

func missesFields(lead map[string]any, fields string) string {
	if lead == nil {
		return "there is no such lead"
	}
	for fields != "" {
		m := fieldValue.FindStringSubmatch(fields)
		if m == nil {
			return "can't read " + fields
		}
		fields = fields[len(m[0]):]
		var want any
		if m[2] != "absent" {
			if err := json.Unmarshal([]byte(m[2]), &want); err != nil {
				return err.Error()
			}
		}
		if got := lead[m[1]]; !reflect.DeepEqual(got, want) && !(want == nil && got == "") {
			return fmt.Sprintf("%s is %v", m[1], got)
		}
	}
	return ""
}

func TestFilesOfLeads(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	cases := readLeadCases(t)
	if len(cases) < 35 {
		t.Fatalf("%d cases", len(cases))
	}
	for n, c := range cases {
		content, err := os.ReadFile(filepath.Join(leadCases, c.file))
		if err != nil {
			t.Fatal(err)
		}
		_, key := p.organization("case"+strconv.Itoa(n), "growth")
		o := p.importFile(key, c.fields, c.file, content)
		var missed []string
		for _, e := range c.expected {
			missed = append(missed, o.misses(e))
		}
		if !slices.Contains(missed, "") {
			t.Errorf("%s: %s", c.file, strings.Join(missed, "\n  or "))
		}
		if c.file == "reserved-names.csv" { // what the product fills in, no field of a lead hides
			made := p.must(http.StatusCreated, key, http.MethodPost, "/v1/campaigns", map[string]any{"name": "Spring", "steps": []any{map[string]any{"variants": []any{
				map[string]any{"subject": "Hi {{ first_name | default: \"you\" }}", "body": "{{ email }} {{ unsubscribe_link }} {{ booking_link }}"}}}}})
			p.must(http.StatusOK, key, http.MethodGet, "/v1/campaigns/"+made.text("id"), nil) // waits for it
			shown := p.must(http.StatusOK, key, http.MethodPost, "/v1/campaigns/"+made.text("id")+"/preview", map[string]any{"lead_id": o.leads["ann@example.com"]["id"]})
			if said := string(shown.Raw); strings.Contains(said, "example.org") || strings.Contains(said, "Hi X") || !strings.Contains(said, "ann@example.com") {
				t.Errorf("reserved names: %s", said)
			}
		}
		if o.refused.Status == 0 && c.file == "formulas.csv" { // again: all are duplicates, whose cells are in errors.csv
			again := p.importFile(key, nil, c.file, content)
			if !strings.Contains(again.errors, ",'@SUM(A1:A9),'-2+3") || !strings.Contains(again.errors, ",'=cmd|") {
				t.Errorf("formulas in errors.csv: %s", again.errors)
			}
		}
	}
}

// Addresses become the same by a file and by the API, or are refused with the same reason.
func TestAddressesOfLeads(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	readme, err := os.ReadFile(filepath.Join(leadCases, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	becomes := map[string]string{}
	_, table, _ := strings.Cut(string(readme), "| case | becomes |")
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, " | "); len(cells) == 2 {
			becomes[strings.TrimPrefix(cells[0], "| ")] = strings.Trim(strings.TrimSuffix(strings.TrimSpace(cells[1]), " |"), "` ")
		}
	}
	content, err := os.ReadFile(filepath.Join(leadCases, "addresses.csv"))
	if err != nil {
		t.Fatal(err)
	}
	_, key := p.organization("file", "growth")
	_, other := p.organization("form", "growth")
	o := p.importFile(key, nil, "addresses.csv", content)
	byCase := map[string]string{}
	for email, l := range o.leads {
		byCase[fmt.Sprint(l["custom"].(map[string]any)["case"])] = email
	}
	rows, _ := stdcsv.NewReader(bytes.NewReader(content)).ReadAll()
	for _, row := range rows[1:] {
		want := becomes[row[1]]
		got := byCase[row[1]]
		r := p.call(other, http.MethodPost, "/v1/leads", map[string]any{"email": row[0]})
		if want == "refused" {
			if got != "" || r.Status != 422 {
				t.Errorf("%s: the file gives %q, the API %d %s", row[1], got, r.Status, r.Raw)
			}
			continue
		}
		if got != want || r.text("email") != want {
			t.Errorf("%s: the file gives %q, the API %s, want %s", row[1], got, r.Raw, want)
		}
	}
	for _, line := range strings.Split(o.errors, "\r\n") {
		if strings.Contains(line, "email_invalid") && strings.Contains(line, "it isn't an e-mail address") {
			t.Errorf("not the reason itself: %s", line)
		}
	}
}

func (p *program) leadOf(key, email string) map[string]any {
	p.t.Helper()
	data := p.must(http.StatusOK, key, http.MethodGet, "/v1/leads?email="+url.QueryEscape(email), nil).Body["data"].([]any)
	if len(data) != 1 {
		p.t.Fatalf("%d leads have %s", len(data), email)
	}
	return data[0].(map[string]any)
}

func TestAnImportFillsAndAdds(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	_, key := p.organization("acme", "growth")
	update := func(content string, fields ...string) outcome {
		form := map[string]string{"on_duplicate": "update"}
		for i := 0; i < len(fields); i += 2 {
			form[fields[i]] = fields[i+1]
		}
		return p.importFile(key, form, "leads.csv", []byte(content))
	}
	p.must(http.StatusCreated, key, http.MethodPost, "/v1/leads", map[string]any{"email": "ann@example.com", "lawful_basis": "consent", "time_zone": "Europe/Berlin", "tags": []string{"vip"}})
	update("Email,Tags\nann@example.com,fair\n", "lawful_basis", "legitimate_interest", "time_zone", "America/New_York")
	update("Email,Tags\nann@example.com,\nnew@example.com,\n", "tags", "2026", "lawful_basis", "legitimate_interest", "time_zone", "America/New_York")
	if l := p.leadOf(key, "ann@example.com"); l["lawful_basis"] != "consent" || l["time_zone"] != "Europe/Berlin" || fmt.Sprint(l["tags"]) != "[vip fair 2026]" {
		t.Errorf("got %v", l)
	}
	if l := p.leadOf(key, "new@example.com"); l["lawful_basis"] != "legitimate_interest" || l["time_zone"] != "America/New_York" {
		t.Errorf("got %v", l)
	}

	bob := p.must(http.StatusCreated, key, http.MethodPost, "/v1/leads", map[string]any{"email": "bob@example.com", "first_name": "Bob"}).text("id")
	p.must(http.StatusOK, key, http.MethodPatch, "/v1/leads/"+bob, map[string]any{"email": "robert@example.com"})
	if o := update("Email,First Name\nrobert@example.com,Robert\n"); o.done.number("updated") != 1 || p.leadOf(key, "robert@example.com")["first_name"] != "Robert" {
		t.Errorf("got %s %s", o.done.Raw, o.errors)
	}

	own := func(from, to int) map[string]any {
		custom := map[string]any{}
		for n := from; n < to; n++ {
			custom["f"+strconv.Itoa(n)] = "x"
		}
		return map[string]any{"custom": custom}
	}
	p.must(http.StatusOK, key, http.MethodPatch, "/v1/leads/"+bob, own(0, 20))
	p.must(http.StatusOK, key, http.MethodPatch, "/v1/leads/"+bob, own(20, 40))
	p.must(http.StatusUnprocessableEntity, key, http.MethodPatch, "/v1/leads/"+bob, own(40, 60))
	var names, values []string
	for n := range 40 {
		names, values = append(names, "g"+strconv.Itoa(n)), append(values, "x")
	}
	o := update("Email," + strings.Join(names, ",") + "\nrobert@example.com," + strings.Join(values, ",") + "\n")
	if custom := p.leadOf(key, "robert@example.com")["custom"].(map[string]any); len(custom) != 40 || o.done.number("rejected") != 1 {
		t.Errorf("%d own fields, %s", len(custom), o.done.Raw)
	}
	p.must(http.StatusUnprocessableEntity, key, http.MethodPatch, "/v1/leads/"+bob, map[string]any{"first_name": "An\u0007n", "company_name": "A\u001bB"})
}

func TestAnImportSaysWhoIsSuppressed(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	_, key := p.organization("acme", "growth")
	p.must(http.StatusCreated, key, http.MethodPost, "/v1/suppressions", map[string]any{"items": []any{
		map[string]any{"kind": "address", "value": "out@example.com", "reason": "unsubscribe"}, map[string]any{"kind": "domain", "value": "corp.example.org"}}})
	erased := p.must(http.StatusCreated, key, http.MethodPost, "/v1/leads", map[string]any{"email": "gone@example.com"}).text("id")
	if r := p.call(key, http.MethodPost, "/v1/leads/"+erased+"/erase", nil); r.Status >= 300 {
		t.Fatalf("erase: %d %s", r.Status, r.Raw)
	}
	file := []byte("Email\nann@example.com\nout@example.com\ngone@example.com\nx@corp.example.org\ny@eu.corp.example.org\nz@notcorp.example.org\n")
	dry, o := p.importFile(key, map[string]string{"dry_run": "true"}, "leads.csv", file), p.importFile(key, nil, "leads.csv", file)
	if dry.done.number("suppressed") != 4 || o.done.number("suppressed") != 4 || !strings.Contains(o.errors, "3,created,email,suppressed") {
		t.Errorf("got %s\n%s", o.done.Raw, o.errors)
	}
}

func TestADryRunIsCommitted(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	_, key := p.organization("acme", "growth")
	content := []byte("Exported by somebody\n\nMail;Vorname;Time Zone\nann@example.com;Ann;nowhere\nnobody;x;\nann@example.com;Ann;\nbob@example.com;Bob;\n")
	seen := p.post(key, "/v1/imports/inspect", nil, "leads.csv", content)
	if seen.Status != http.StatusOK || seen.number("header_row") != 3 || seen.text("delimiter") != ";" || !strings.Contains(string(seen.Raw), `{"field":"first_name","name":"Vorname","values":["Ann","x","Ann","Bob"]}`) {
		t.Fatalf("inspect: %d %s", seen.Status, seen.Raw)
	}
	if r := p.post(key, "/v1/imports/inspect", map[string]string{"header_row": "1"}, "leads.csv", content); r.Status != 422 && !strings.Contains(string(r.Raw), "Exported by somebody") {
		t.Errorf("another header row: %d %s", r.Status, r.Raw)
	}
	dry := p.importFile(key, map[string]string{"dry_run": "true", "tags": "fair"}, "leads.csv", content)
	id := dry.done.text("id")
	committed := p.must(http.StatusCreated, key, http.MethodPost, "/v1/imports/"+id+"/commit", nil)
	again := p.must(http.StatusCreated, key, http.MethodPost, "/v1/imports/"+id+"/commit", nil)
	if again.text("id") != committed.text("id") || committed.text("dry_run_id") != id {
		t.Errorf("committed as %s, then as %s", committed.Raw, again.Raw)
	}
	done := p.imported(key, committed.text("id"))
	for _, figure := range []string{"rows", "created", "updated", "duplicates", "rejected"} {
		if done.number(figure) != dry.done.number(figure) {
			t.Errorf("%s: %d in the dry run, %d in earnest", figure, dry.done.number(figure), done.number(figure))
		}
	}
	for figure, outcome := range map[string]string{"rows": "", "created": "created", "updated": "updated", "duplicates": "duplicate", "rejected": "rejected"} {
		path := "/v1/imports/" + committed.text("id") + "/rows?limit=1"
		if outcome != "" {
			path += "&outcome=" + outcome
		}
		listed, next := 0, ""
		for {
			r := p.must(http.StatusOK, key, http.MethodGet, path+next, nil)
			listed += len(r.Body["data"].([]any))
			if r.text("next_cursor") == "" {
				break
			}
			next = "&cursor=" + url.QueryEscape(r.text("next_cursor"))
		}
		if listed != done.number(figure) {
			t.Errorf("%s: %d listed, %d counted", figure, listed, done.number(figure))
		}
	}
	if r := p.must(http.StatusOK, key, http.MethodGet, "/v1/imports/"+committed.text("id")+"/rows?outcome=warned", nil); !strings.Contains(string(r.Raw), `"cells":{"Mail":"ann@example.com","Time Zone":"nowhere","Vorname":"Ann"}`) {
		t.Errorf("warned: %s", r.Raw)
	}
	p.must(http.StatusUnprocessableEntity, key, http.MethodPost, "/v1/imports/"+committed.text("id")+"/commit", nil)

	twice := p.importFile(key, map[string]string{"on_duplicate": "update"}, "leads.csv", []byte("Email,First Name\neve@example.com,Eve\neve@example.com,Eva\n"))
	kept := p.must(http.StatusOK, key, http.MethodGet, "/v1/imports/"+twice.done.text("id")+"/undo", nil)
	p.must(http.StatusNoContent, key, http.MethodPost, "/v1/imports/"+twice.done.text("id")+"/undo", nil)
	if back := p.imported(key, twice.done.text("id")); kept.number("remove") != 1 || back.number("removed") != 1 {
		t.Errorf("a row that came twice: previewed %s, came %s", kept.Raw, back.Raw)
	}
	bob := p.leadOf(key, "bob@example.com")["id"].(string)
	p.must(http.StatusOK, key, http.MethodPatch, "/v1/leads/"+bob, map[string]any{"city": "Rome"})
	preview := p.must(http.StatusOK, key, http.MethodGet, "/v1/imports/"+committed.text("id")+"/undo", nil)
	p.must(http.StatusNoContent, key, http.MethodPost, "/v1/imports/"+committed.text("id")+"/undo", nil)
	undone := p.imported(key, committed.text("id"))
	if preview.number("remove") != 1 || preview.number("edited") != 1 || undone.number("removed") != preview.number("remove") || undone.number("kept") != preview.number("keep") {
		t.Errorf("previewed %s, came %s", preview.Raw, undone.Raw)
	}
}
