package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	decisions "outrider/internal/app/crm"
	"outrider/internal/app/leads"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/lab/hubspotlike"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/profile"
	"outrider/projections"
)

// crm is a stand-in of HubSpot to which a tenant is connected. People change contacts there, and it misbehaves; it isn't harmed: what it holds in the end is
// compared with what the log says that it must.
type crm struct {
	there    *hubspotlike.Server
	flags    []string // of processes that ask it or are told by it
	events   string   // where it posts
	tenant   *tenant
	settings events.CRMSettings

	mu     sync.Mutex
	people []string // addresses of the tenant's leads
}

const (
	crmPause  = 400 * time.Millisecond // between two deeds
	crmSecret = "hubspot_chaos"
)

func (s *system) startCRM() error {
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	c := &s.crm
	c.there = hubspotlike.New(hubspotlike.Options{Client: "chaos", Secret: crmSecret})
	c.flags = []string{"--hubspot-url", "http://" + l.Addr().String(), "--hubspot-client-id", "chaos", "--hubspot-client-secret", crmSecret}
	c.events = s.url + "/v1/integration-events/hubspot"
	c.settings = decisions.DefaultSettings()
	c.settings.CreateAll = true
	web := &http.Server{Handler: c.there, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = web.Serve(l) }() // until it is closed
	s.closers = append(s.closers, func() { _ = web.Close() })
	return nil
}

// connectCRM connects a tenant, before it has sent anything.
func (c *client) connectCRM(ctx context.Context, t *tenant) (err error) {
	var made struct{ ID uuid.UUID }
	if t.position, err = c.mustAsk(ctx, t.writeAsTenant("connect crm", http.MethodPost, "/v1/integrations", map[string]any{"provider": "hubspot", "key": hubspotlike.Key}), &made); err != nil {
		return err
	}
	r := t.writeAsTenant("map crm", http.MethodPut, "/v1/integrations/"+made.ID.String()+"/mapping", c.l.s.crm.settings)
	r.position = t.position
	t.position, err = c.mustAsk(ctx, r, nil)
	c.l.s.crm.tenant = t
	return err
}

// knowPerson remembers somebody whom people in the CRM may know, too.
func (m *crm) knowPerson(t *tenant, address string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t == m.tenant {
		m.people = append(m.people, address)
	}
}

// workInCRM plays people who work in the CRM, and its moods, until the load ends.
func (l *load) workInCRM(ctx context.Context) {
	m := &l.s.crm
	chance := rand.New(rand.NewPCG(l.s.cfg.Seed, 78))
	web := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DialContext: loopback.Dialer().DialContext}}
	if m.tenant == nil {
		return
	}
	if l.untilEnd(ctx, crmPause, func() {
		m.workOnce(chance)
		for _, n := range m.there.Notifications(m.events, chance.IntN(2) == 0, chance.IntN(3) == 0) {
			_, _ = n.Post(web, m.events) // what isn't taken is found by looking
		}
	}) {
		m.there.Behave(func(b *hubspotlike.Misbehave) { *b = hubspotlike.Misbehave{} })
	}
}

func (m *crm) workOnce(chance *rand.Rand) {
	m.mu.Lock()
	who := ""
	if len(m.people) > 0 {
		who = pickOne(chance, m.people)
	}
	m.mu.Unlock()
	switch n := chance.IntN(24); {
	case n < 8:
		m.there.Behave(func(b *hubspotlike.Misbehave) {
			switch n {
			case 0, 1:
				b.CutAfter = 1
			case 2, 3:
				b.FailAfter = 1
			case 4, 5:
				b.Unavailable = 2
			default:
				b.TooMany = 1
			}
		})
	case who == "":
	case n == 8: // of who is a contact there
		m.there.Put(who, nil)
		m.there.OptOut(who)
	default:
		m.there.Put(who, map[string]string{pickOne(chance, []string{"jobtitle", "city", "phone"}): fmt.Sprint("value ", chance.IntN(100))})
	}
}

// settleCRM waits until the CRM holds what it must: with processors, as what people have changed there comes here as commands.
func (s *system) settleCRM(ctx context.Context) error {
	if s.crm.tenant == nil {
		return nil
	}
	return s.awaitEmpty(ctx, func() (int, error) {
		if err := s.hurry(ctx, "integrations.tasks", "integrations.links", "integrations.turns"); err != nil {
			return 0, err
		}
		differs, _, err := s.compareCRM(ctx)
		return len(differs), err
	})
}

// auditCRM counts how the CRM differs from what the log says.
func (s *system) auditCRM(ctx context.Context, res *Result) error {
	if s.crm.tenant == nil {
		return nil
	}
	if err := s.settleCRM(ctx); err != nil {
		return err
	}
	differs, held, err := s.compareCRM(ctx)
	res.CRMRecords = held
	for _, d := range differs {
		res.addFinding(&res.CRMDiff, "the CRM and the log differ: %s", d)
	}
	return err
}

// compareCRM folds the tenant's log into what the CRM must hold, and says how it differs, and how much it holds.
func (s *system) compareCRM(ctx context.Context) (differs []string, held int, err error) {
	org := s.crm.tenant.id
	var log []*es.Event
	cfg := reader.Config{Partition: es.PartitionOf(org, s.log.Partitions), From: es.StartCheckpoint(), Decode: projections.Decode}
	if _, _, err := reader.Scan(ctx, s.log, cfg, 0, func(_ context.Context, b reader.Batch) error {
		for _, e := range b.Events {
			if e.Org == org {
				log = append(log, e)
			}
		}
		return nil
	}); err != nil {
		return []string{"the log can't be read: " + err.Error()}, 0, nil //nolint:nilerr // it is asked again, and the audit of the log says so, too
	}
	people, err := s.readPeople(ctx, org)
	if err != nil {
		return nil, 0, err
	}
	must, err := hubspotlike.Expect(log, s.crm.settings, people)
	if err != nil {
		return nil, 0, err
	}
	is := s.crm.there.State()
	return hubspotlike.Diff(is, must), len(is.Contacts) + len(is.Activities), nil
}

// readPeople returns who the leads of an organisation are.
func (s *system) readPeople(ctx context.Context, org uuid.UUID) (people map[uuid.UUID]profile.Profile, err error) {
	conn, err := pgx.Connect(ctx, s.engines.Postgres)
	if err != nil {
		return nil, fmt.Errorf("read leads: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	people = map[uuid.UUID]profile.Profile{}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		rows, err := projections.NewestLeads(ctx, tx, org, 1<<20)
		for _, l := range rows {
			p, err := leads.ProfileOf(l)
			if err != nil {
				return err
			}
			people[l.LeadID] = p
		}
		return err
	})
	return people, err
}
