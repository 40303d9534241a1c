package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/audit"
	"outrider/internal/es/gateway"
	"outrider/internal/es/logtest"
	"outrider/internal/es/processor"
	"outrider/internal/es/project"
	"outrider/internal/identity"
	"outrider/internal/kafka"
	"outrider/internal/linktoken"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/pii"
	"outrider/internal/postgres/postgrestest"
	"outrider/projections"
)

// world is a whole server on real pieces: a broker, an owner of the log, projections, Postgres.
type world struct {
	t        testing.TB
	cfg      api.Config
	db       *postgrestest.Database
	spec     *openapi3.T
	platform string // key
	log      *lines
	clock    *clock
	mails    *postbox

	ours   *client           // of the organisation whose keys keysBeside issues
	beside map[string]*asker // so far

	kafka     kafka.Log
	positions *project.Positions

	mu      sync.Mutex
	urls    []string
	servers []*api.Server
}

// lines collects log lines.
type lines struct {
	mu  sync.Mutex
	all []map[string]any
}

func (l *lines) Write(p []byte) (int, error) {
	var line map[string]any
	err := json.Unmarshal(p, &line)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
	return len(p), err
}

func (l *lines) find(match func(map[string]any) bool) map[string]any {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if match(line) {
			return line
		}
	}
	return nil
}

//nolint:gochecknoglobals // it takes a quarter of a second to read, and nobody changes it
var description = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromFile("openapi.yaml") })

func setup(t testing.TB) *world {
	t.Helper()
	w := build(t)
	w.serve(nil)
	return w
}

// build makes everything but the server.
func build(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, log: &lines{}, clock: &clock{}, mails: &postbox{}}
	var err error
	w.spec, err = description()
	check(t, err)
	log := logtest.New(t, 2)
	w.db = postgrestest.New(t, projections.Migrations())
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	check(t, err)
	vault, err := pii.NewVault(w.db.Pools.Vault, master, pii.Options{})
	check(t, err)
	keys, err := identity.NewKeys(w.db.Pools.Identity, identity.Options{})
	check(t, err)
	w.platform, err = keys.EnsurePlatformKey(t.Context(), filepath.Join(t.TempDir(), "platform.key"))
	check(t, err)
	positions := &project.Positions{Pool: w.db.Pools.API}
	w.kafka, w.positions = log, positions
	owner, err := processor.New(processor.Config{Log: log, Domain: commands.Domain(), Now: w.clock.now, Timers: w.clock, Report: func(what string, attrs ...any) { t.Log(append([]any{what}, attrs...)...) }})
	check(t, err)
	projector := &project.Postgres{Log: log, Group: "projections", Pool: w.db.Pools.Projector, Projections: projections.All(vault), Decode: events.Decode, Positions: positions,
		Report: func(what string, attrs ...any) { t.Log(append([]any{what}, attrs...)...) }}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{owner.Run, projector.Serve} {
		running.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() { stop(); running.Wait() })
	gate, err := gateway.Open(t.Context(), gateway.Config{Log: log, Now: w.clock.now})
	check(t, err)
	t.Cleanup(gate.Close)
	signer, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: []byte(strings.Repeat("s", 32))})
	check(t, err)
	ring, err := audit.NewKeyring()
	check(t, err)
	signing := identity.NewSigningKeys(w.db.Pools.Identity, vault, nil)
	sessions, err := identity.NewSessions(w.db.Pools.Identity, signing, base, identity.Options{})
	check(t, err)
	people, links := identity.NewPeople(w.db.Pools.Identity, nil), identity.NewIdentityLinks(w.db.Pools.Identity, nil)
	identities, err := identity.NewExternalIdentities(w.db.Pools.Identity, people, links, identity.Options{})
	check(t, err)
	w.cfg = api.Config{Dashboard: fstest.MapFS{"index.html": {Data: []byte(`<meta name="csp-nonce" content="__NONCE__">`)}, "assets/app.js": {Data: []byte("1")}}, SignIn: &api.SignIn{External: api.ExternalSignIn{Providers: trusting(t, "elsewhere=https://idp.example.com,audience=outrider"), Identities: identities, Links: links, SignIns: identity.NewOIDCSignIns(w.db.Pools.Identity, nil)}, People: people, Sessions: sessions, SigningKeys: signing, Links: identity.NewMailedLinks(w.db.Pools.Identity, nil),
		Throttle: identity.NewThrottle(w.db.Pools.Identity, nil), SecondFactors: identity.NewSecondFactors(w.db.Pools.Identity, vault, w.clock.now), Settings: identity.NewPersonSettings(w.db.Pools.Identity, w.clock.now), Mail: w.mails, TrialPlan: "growth"}, Audit: ring, Signer: signer, BaseURL: base, Log: log, Commands: gate, Generation: log.Generation, Partitions: log.Partitions, Positions: positions, Pool: w.db.Pools.API, Keys: keys,
		Slugs: identity.NewSlugs(w.db.Pools.Identity, nil), Directory: identity.NewDirectory(w.db.Pools.Identity), Vault: vault, Plans: commands.Plans(), Now: w.clock.now, Logger: slog.New(slog.NewJSONHandler(w.log, nil)),
		Patience: api.Patience{Request: 5 * time.Minute, Shown: 4 * time.Minute}, // as long as a busy machine may need; production has less
		Checks:   []api.HealthCheck{{Name: "postgres", Well: w.db.Pools.API.Ping}}, Integrations: connectorFor(vault, mailoauth.Client{}, "")}
	return w
}

// serve starts another server of the world; the last one is asked.
func (w *world) serve(change func(*api.Config)) {
	w.t.Helper()
	cfg := w.cfg
	if change != nil {
		change(&cfg)
	}
	s, err := api.New(cfg)
	check(w.t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(w.t, err)
	done := make(chan error, 1)
	go func() { done <- s.Listen(l) }()
	w.t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			w.t.Error(err)
		}
		check(w.t, <-done)
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.urls, w.servers = append(w.urls, "http://"+l.Addr().String()), append(w.servers, s)
}

func (w *world) url() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.urls[len(w.urls)-1]
}

// client speaks with one key.
type client struct {
	*world
	key string
	org uuid.UUID
}

func (w *world) operator() *client { return &client{world: w, key: w.platform} }

// tenant makes an organisation with a key for everything.
func (w *world) tenant(plan string) *client {
	w.t.Helper()
	op := w.operator()
	slug := "t" + strings.ReplaceAll(uuid.NewString(), "-", "")[:20]
	var org answer
	for try := 0; org.status != http.StatusCreated; try++ { // the owner may still be starting
		org = op.do("POST", "/v1/organizations", obj{"slug": slug, "name": "Tenant " + slug, "plan": plan, "trial_days": 0}, "Idempotency-Key", slug)
		if org.status != http.StatusCreated && org.status != http.StatusAccepted || try == 10 {
			w.t.Fatalf("create organisation: %d %s", org.status, org.body)
		}
	}
	c := &client{world: w, org: uuid.MustParse(org.text("id"))}
	var scopes []string
	for _, s := range identity.OrganizationScopes() {
		scopes = append(scopes, string(s))
	}
	issued := op.ok("POST", "/v1/api-keys", obj{"organization_id": c.org, "name": "all", "scopes": scopes})
	c.key = issued.text("token")
	c.ok("GET", "/v1/organizations/"+c.org.String(), nil, "Outrider-Position", issued.header.Get("Outrider-Position"))
	return c
}

// with is the same tenant with a key of fewer scopes.
func (c *client) with(scopes ...string) *client {
	c.t.Helper()
	return &client{world: c.world, org: c.org, key: c.ok("POST", "/v1/api-keys", obj{"name": "some", "scopes": scopes}).text("token")}
}

type obj map[string]any

// answer of the server, checked against the description.
type answer struct {
	status int
	header http.Header
	body   []byte
	json   map[string]any
}

func (a answer) text(name string) string { s, _ := a.json[name].(string); return s }

func (a answer) list(name string) []any { l, _ := a.json[name].([]any); return l }

// whenVisible is do that asks again where the read side is behind what was written, as any client should.
func (c *client) whenVisible(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	a := c.do(method, path, body, headers...)
	for late := time.Now().Add(5 * time.Minute); a.text("code") == "not_yet_visible" && time.Now().Before(late); {
		a = c.do(method, path, body, headers...)
	}
	return a
}

// ok is whenVisible that must succeed.
func (c *client) ok(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	a := c.whenVisible(method, path, body, headers...)
	if a.status >= 300 || a.status == http.StatusAccepted {
		c.t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	return a
}

// refused is do that must be refused so.
func (c *client) refused(status int, code, method, path string, body any, headers ...string) answer {
	c.t.Helper()
	a := c.do(method, path, body, headers...)
	if a.status != status || a.text("code") != code {
		c.t.Fatalf("%s %s: got %d %s, want %d %s", method, path, a.status, a.body, status, code)
	}
	return a
}

// do sends body (nil, []byte as it is, or anything as JSON).
func (c *client) do(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	var r io.Reader
	media := "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		r = bytes.NewReader(b)
	default:
		data, err := json.Marshal(body)
		check(c.t, err)
		r = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.url()+path, r)
	check(c.t, err)
	if r != nil {
		req.Header.Set("Content-Type", media)
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	check(c.t, err)
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	a.body, err = io.ReadAll(resp.Body)
	check(c.t, err)
	c.asDescribed(method, path, &a)
	return a
}

// asDescribed checks an answer against openapi.yaml.
func (c *client) asDescribed(method, path string, a *answer) {
	c.t.Helper()
	path, _, _ = strings.Cut(path, "?")
	if a.header.Get("X-Request-Id") == "" || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Strict-Transport-Security") == "" {
		c.t.Errorf("%s %s: %d lacks headers: %v", method, path, a.status, a.header)
	}
	var schema *openapi3.Schema
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	if strings.HasSuffix(media, "json") && !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
		c.t.Errorf("%s %s: %d may be shown as a page: %v", method, path, a.status, a.header)
	}
	if media == "application/problem+json" {
		schema = c.spec.Components.Schemas["Problem"].Value
	} else if op := c.operation(method, path); op != nil {
		r := op.Responses.Status(a.status)
		if r == nil && media == "text/html" { // a page that says what is wrong
			r = op.Responses.Default()
		}
		if r == nil {
			c.t.Errorf("%s %s answers %d, which isn't described", method, path, a.status)
			return
		}
		if content := r.Value.Content.Get(media); content != nil {
			schema = content.Schema.Value
		} else if len(a.body) > 0 {
			c.t.Errorf("%s %s answers with %s, which isn't described", method, path, media)
		}
	}
	if schema == nil || !strings.HasSuffix(media, "json") {
		return
	}
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, a.body)
	}
	a.json, _ = v.(map[string]any)
	if err := schema.VisitJSON(v, openapi3.EnableFormatValidation(), openapi3.MultiErrors()); err != nil {
		c.t.Errorf("%s %s: answer %s: %v", method, path, a.body, err)
	}
	for name := range a.json {
		if !describes(schema, name) {
			c.t.Errorf("%s %s: %s isn't described", method, path, name)
		}
	}
}

// describes says whether a schema, or one that it is made of, has a property.
func describes(schema *openapi3.Schema, name string) bool {
	return schema.Properties[name] != nil || slices.ContainsFunc(schema.AllOf, func(part *openapi3.SchemaRef) bool { return describes(part.Value, name) })
}

func (w *world) operation(method, path string) *openapi3.Operation {
	if item := w.spec.Paths.Value(path); item != nil {
		return item.GetOperation(method)
	}
	for pattern, item := range w.spec.Paths.Map() {
		a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
		fits := len(a) == len(b)
		for i := range a {
			fits = fits && (a[i] == b[i] || a[i] == "{id}" || a[i] == "{token}" || a[i] == "{name}" || a[i] == "{n}")
		}
		if op := item.GetOperation(method); fits && op != nil {
			return op
		}
	}
	return nil
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
