package api_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"outrider/api"
	"outrider/internal/es"
)

const anID = "01939a6e-8a2b-7c4d-9e1f-0a1b2c3d4e5f"

func TestBadInput(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveImports()
	c := w.tenant("enterprise")
	big := `{"email":"a@example.com","first_name":"` + strings.Repeat("x", 2<<20) + `"}`
	toCome := w.tokenOf(es.Position{Generation: 1, Pseq: 36*36*36*36*36*36 - 1})
	for name, x := range map[string]struct {
		status       int
		method, path string
		body         string
		headers      []string
	}{
		"no body":                   {400, "POST", "/v1/leads", " ", nil},
		"not JSON":                  {400, "POST", "/v1/leads", "{", nil},
		"two documents":             {400, "POST", "/v1/leads", `{"email":"a@example.com"}{}`, nil},
		"a control character":       {422, "POST", "/v1/leads", `{"email":"a@example.com","city":"a\u0007b"}`, nil},
		"in a body's depth":         {422, "POST", "/v1/leads", `{"email":"a@example.com","custom":{"a":"\u009b31m"}}`, nil},
		"a delete":                  {422, "POST", "/v1/campaigns", "{\"name\":\"a\x7fb\"}", nil},
		"a turned direction":        {422, "POST", "/v1/campaigns", `{"name":"a\u202eb"}`, nil},
		"half of a pair":            {422, "POST", "/v1/campaigns", `{"name":"a\ud83db"}`, nil},
		"the other half":            {422, "POST", "/v1/campaigns", `{"name":"a\ude00\ud83d"}`, nil},
		"one in a query":            {400, "GET", "/v1/leads?q=a%07b", "", nil},
		"one in a form":             {422, "POST", "/v1/imports", string(form("Email\n", "tags", "a\x07b")), []string{"Content-Type", formType}},
		"a NUL":                     {400, "POST", "/v1/leads", `{"email":"a@example.com","city":"a\u0000b"}`, nil},
		"not UTF-8":                 {400, "POST", "/v1/leads", "{\"email\":\"a@example.com\",\"city\":\"\xff\"}", nil},
		"a list":                    {422, "POST", "/v1/leads", "[]", nil},
		"null":                      {422, "POST", "/v1/leads", "null", nil},
		"an unknown field":          {422, "POST", "/v1/leads", `{"email":"a@example.com","nope":1}`, nil},
		"a wrong type":              {422, "POST", "/v1/leads", `{"email":7}`, nil},
		"not an address":            {422, "POST", "/v1/leads", `{"email":"nobody"}`, nil},
		"an unknown zone":           {422, "POST", "/v1/leads", `{"email":"a@example.com","time_zone":"../etc/passwd"}`, nil},
		"a bad custom name":         {422, "POST", "/v1/leads", `{"email":"a@example.com","custom":{"A b":"c"}}`, nil},
		"an address taken away":     {422, "PATCH", "/v1/leads/" + anID, `{"email":null}`, nil},
		"nothing to change":         {422, "PATCH", "/v1/leads/" + anID, `{}`, nil},
		"another media type":        {415, "POST", "/v1/leads", `{"email":"a@example.com"}`, []string{"Content-Type", "text/plain"}},
		"too large":                 {413, "POST", "/v1/leads", big, nil},
		"not an id":                 {404, "GET", "/v1/leads/me", "", nil},
		"an id in another spelling": {404, "GET", "/v1/leads/{" + anID + "}", "", nil},
		"an unknown path":           {404, "GET", "/v1/nothing", "", nil},
		"another method":            {405, "PUT", "/v1/leads", "", nil},
		"not a position":            {400, "GET", "/v1/leads", "", []string{"Outrider-Position", "x"}},
		"a position elsewhere":      {400, "GET", "/v1/leads", "", []string{"Outrider-Position", "1.zz.1"}},
		"a position made by hand":   {400, "GET", "/v1/leads", "", []string{"Outrider-Position", "1.0.zzzzzz"}},
		"one changed by hand":       {400, "GET", "/v1/leads", "", []string{"Outrider-Position", "1.0.zzzzzy" + toCome[len("1.0.zzzzzz"):]}},
		"no such day":               {422, "POST", "/v1/campaigns", `{"name":"x","start_date":"2026-02-30"}`, nil},
		"an end before the start":   {422, "POST", "/v1/campaigns", `{"name":"x","start_date":"2026-02-03","end_date":"2026-02-01"}`, nil},
		"a step without variants":   {422, "POST", "/v1/campaigns", `{"name":"x","steps":[{"variants":[]}]}`, nil},
		"one step twice":            {422, "POST", "/v1/campaigns", `{"name":"x","steps":[{"step_id":"` + anID + `","variants":[{"subject":"","body":""}]},{"step_id":"` + anID + `","variants":[{"subject":"","body":""}]}]}`, nil},
		"an expiry that is past":    {422, "POST", "/v1/api-keys", `{"name":"x","scopes":["leads:read"],"expires_at":"2001-01-01T00:00:00Z"}`, nil},
		"an unknown scope":          {422, "POST", "/v1/api-keys", `{"name":"x","scopes":["leads:eat"]}`, nil},
		"a platform scope":          {422, "POST", "/v1/api-keys", `{"name":"x","scopes":["platform:admin"]}`, nil},
		"a domain that is none":     {422, "POST", "/v1/suppressions", `{"items":[{"kind":"domain","value":"a b"}]}`, nil},
		"the operator's field":      {403, "PATCH", "/v1/organizations/" + c.org.String(), `{"plan":"enterprise"}`, nil},
		"a form without file":       {422, "POST", "/v1/imports", "--edge\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\ntrue\r\n--edge--\r\n", []string{"Content-Type", formType}},
		"not a form":                {422, "POST", "/v1/imports", "hello", []string{"Content-Type", formType}},
		"a form without boundary":   {400, "POST", "/v1/imports", "hello", []string{"Content-Type", "multipart/form-data"}},
		"a form's unknown field":    {422, "POST", "/v1/imports", string(form("Email\n", "nope", "1")), []string{"Content-Type", formType}},
		"a form that is cut off":    {400, "POST", "/v1/imports", strings.TrimSuffix(string(form("Email\na@example.com\n")), "--edge--\r\n"), []string{"Content-Type", formType}},
		"a field after the file":    {422, "POST", "/v1/imports", strings.TrimSuffix(string(form("Email\n")), "--edge--\r\n") + "--edge\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\ntrue\r\n--edge--\r\n", []string{"Content-Type", formType}},
		"an empty key":              {400, "POST", "/v1/leads", `{"email":"a@example.com"}`, []string{"Idempotency-Key", ""}},
		"a blank name":              {422, "POST", "/v1/campaigns", `{"name":"  "}`, nil},
		"a number with a point":     {422, "POST", "/v1/campaigns", `{"name":"x","steps":[{"delay_days":3.0,"variants":[{"subject":"","body":""}]}]}`, nil},
		"a mapping that is none":    {422, "POST", "/v1/imports", string(form("Email\n", "mapping", "[1]")), []string{"Content-Type", formType}},
		"an import's unknown zone":  {422, "POST", "/v1/imports", string(form("Email\n", "time_zone", "Mars")), []string{"Content-Type", formType}},
	} {
		a := c.do(x.method, x.path, []byte(x.body), x.headers...)
		if a.status != x.status || a.text("code") == "" || !strings.HasSuffix(a.text("type"), ":"+a.text("code")) || a.text("request_id") != a.header.Get("X-Request-Id") {
			t.Errorf("%s: got %d %s, want %d and a problem", name, a.status, a.body, x.status)
		}
	}
	a := c.refused(422, "invalid", "POST", "/v1/leads", obj{"email": "a@example.com", "nope": 1, "city": 7})
	if len(a.list("errors")) != 2 {
		t.Errorf("got %s, want both fields named", a.body)
	}
	w.serve(func(cfg *api.Config) { cfg.Patience.Shown = time.Millisecond })
	if late := c.refused(503, "not_yet_visible", "GET", "/v1/leads", nil, "Outrider-Position", toCome); late.header.Get("Retry-After") == "" {
		t.Error("a position to come is answered without Retry-After")
	}
}

// TestWhateverComesIsNeverAFault sends random JSON of about the right shape to every route that takes a body.
func TestWhateverComesIsNeverAFault(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("enterprise")
	words := []string{"email", "name", "steps", "items", "lead_ids", "scopes", "custom", "tags", "kind", "value", "variants", "subject", "body", "weight", "step_id", "time_zone", "start_date",
		"address", "smtp", "imap", "host", "port", "security", "password", "pace", "time_zone", "transport", "window", "days", "from", "holidays", "mailbox_ids", "message_ids", "filter", "all", "cursor", "until",
		"lead_id", "sent", "display_name", "expires_at", "organization_id", "plan", "slug", "trial_days", "status", "delay_days", "campaign_type", "first_name"}
	texts := []string{"", " ", "a@example.com", "domain", "address", anID, "UTC", "2026-02-28", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "\u0000", "\ufeff", "é", "leads:read", "email", "tls", "09:00", "{{ x", "{{ first_name }}", "x\U0010ffff", strings.Repeat("y", 300)}
	leaf := rapid.OneOf(rapid.Map(rapid.SampledFrom(texts), func(s string) any { return s }), rapid.Map(rapid.Float64Range(-1e300, 1e300), func(f float64) any { return f }),
		rapid.SampledFrom([]any{nil, true, 0, -1, 1 << 40, []any{}, map[string]any{}}))
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		if depth == 0 {
			return leaf
		}
		inner := value(depth - 1)
		return rapid.OneOf(leaf, rapid.Map(rapid.SliceOfN(inner, 0, 3), func(l []any) any { return l }),
			rapid.Map(rapid.MapOfN(rapid.SampledFrom(words), inner, 0, 4), func(m map[string]any) any { return m }))
	}
	object := rapid.MapOfN(rapid.SampledFrom(words), value(3), 1, 5)
	var routes []api.Route
	for _, r := range api.Routes() {
		if (r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch) && r.Path != "/v1/imports" && !strings.HasSuffix(r.Path, "erase") && !strings.HasSuffix(r.Path, "undo") && r.Path != "/v1/leads/{id}/restore" { // it reads the past, which isn't there
			routes = append(routes, r)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		r := rapid.SampledFrom(routes).Draw(rt, "route")
		body, err := json.Marshal(object.Draw(rt, "body"))
		if err != nil {
			rt.Skip()
		}
		by := c
		if r.Path == "/v1/organizations" {
			by = w.operator()
		}
		a := by.do(r.Method, strings.ReplaceAll(r.Path, "{id}", anID), body)
		if a.status >= 500 || bytes.Contains(a.body, []byte("panic")) {
			rt.Errorf("%s %s %s: %d %s", r.Method, r.Path, body, a.status, a.body)
		}
	})
}

// tokenOf is a position's token as the API makes it.
func (w *world) tokenOf(at es.Position) string {
	w.t.Helper()
	h, err := w.cfg.Vault.Hasher(w.t.Context(), es.SystemOrg)
	check(w.t, err)
	return at.String() + "." + base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, h.Fingerprint([]byte("position\x00"+at.String()))))
}
