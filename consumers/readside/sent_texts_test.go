package readside

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/inbox"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/internal/postgres/postgrestest"
	"outrider/projections"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

// store projects facts of an organisation, numbered from what n says.
func store(t *testing.T, db *postgrestest.Database, vault *pii.Vault, org uuid.UUID, n *int64, facts ...es.Payload) {
	t.Helper()
	var all []*es.Event
	for _, f := range facts {
		*n++
		all = append(all, &es.Event{ID: es.DeriveID(org, "event", fmt.Sprint(*n)), Type: f.EventType(), Org: org, Subject: f.AggregateID(), Time: time.Date(2026, 3, 2, 8, 0, int(*n), 0, time.UTC),
			Actor: es.Actor{Kind: es.ActorPerson, ID: "p"}, CommandID: es.DeriveID(org, "command", fmt.Sprint(*n)), Epoch: 1, Pseq: *n, Oseq: *n, Last: true, Payload: f, Offset: *n})
	}
	err := pgx.BeginFunc(t.Context(), db.Pools.Projector, func(tx pgx.Tx) error {
		for _, p := range projections.All(vault) {
			if p.Name != "messages" && p.Name != "organizations" {
				continue
			}
			if err := p.Handle(t.Context(), tx, all); err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWeSentIsKnownWithWhatWasSentBefore(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, projections.Migrations())
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	vault, err := pii.NewVault(db.Pools.Vault, master, pii.Options{})
	if err != nil {
		t.Fatal(err)
	}
	org, lead, campaign := es.NewID(), es.NewID(), es.NewID()
	keys, err := vault.Keys(t.Context(), org, []uuid.UUID{lead})
	if err != nil {
		t.Fatal(err)
	}
	seal := func(field, text string) events.Sealed {
		s, err := sealedtext.Seal(keys[0], field, text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var n int64
	ref := func(n int) events.MessageRef {
		return events.MessageRef{MessageID: es.DeriveID(org, "message", fmt.Sprint(n)), EnrollmentID: es.DeriveID(org, "enrollment"), LeadID: lead, CampaignID: campaign}
	}
	requested := func(n int) events.MessageRequested {
		r := events.MessageRequested{MessageRef: ref(n), StepsVersion: 1, StepID: es.DeriveID(org, "step", fmt.Sprint(n)), Step: n, Steps: 3, VariantID: es.NewID(), MailboxID: es.NewID()}
		if n > 1 {
			r.PreviousID = ref(n - 1).MessageID
		}
		return r
	}
	drafted := func(n int, body string) events.MessageDrafted {
		return events.MessageDrafted{MessageRef: ref(n), Number: 1, Draft: events.Draft{Subject: seal(sealedtext.SubjectField, "A question"), Body: seal(sealedtext.BodyField, body), Writer: "template"}}
	}
	stored := drafted(3, "")
	stored.Body, stored.BodyRef = events.Sealed{}, "bodies/1"
	store(t, db, vault, org, &n, events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Slug: "acme", Name: "Acme GmbH", Plan: "starter", PostalAddress: "1 Main Street", TimeZone: "UTC", BillingAnchor: time.Now()},
		requested(1), drafted(1, "Hello"), requested(2), drafted(2, "Did you see it?"), requested(3), stored)
	r, err := New(Config{Pool: db.Pools.API, All: db.Pools.Projector, Keys: vault, Position: func(context.Context, string, int32, int64) error { return nil }, CatchUp: func(context.Context, uuid.UUID, ...string) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	const footer = "Acme GmbH, 1 Main Street"
	got, err := r.SentTexts(t.Context(), org, ref(3).MessageID)
	if want := []inbox.SentText{{BodyRef: "bodies/1", Footer: footer}, {Body: "Hello", Footer: footer}, {Body: "Did you see it?", Footer: footer}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, of := range map[string][2]uuid.UUID{"a message that nobody knows": {org, es.NewID()}, "another organisation": {es.NewID(), ref(1).MessageID}} {
		if got, err := r.SentTexts(t.Context(), of[0], of[1]); err != nil || len(got) != 0 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// TestWhatIsNotShownYetIsNotGone: a mail about a message that the read model doesn't show yet is never read again once it was passed over.
func TestWhatIsNotShownYetIsNotGone(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, projections.Migrations())
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	vault, err := pii.NewVault(db.Pools.Vault, master, pii.Options{})
	if err != nil {
		t.Fatal(err)
	}
	org, lead, message := es.NewID(), es.NewID(), es.NewID()
	keys, err := vault.Keys(t.Context(), org, []uuid.UUID{lead})
	if err != nil {
		t.Fatal(err)
	}
	subject, err := sealedtext.Seal(keys[0], sealedtext.SubjectField, "A question")
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	behind := errors.New("it is behind")
	catchUp := func() error { return behind }
	r, err := New(Config{Pool: db.Pools.API, All: db.Pools.Projector, Keys: vault, Position: func(context.Context, string, int32, int64) error { return nil },
		CatchUp: func(context.Context, uuid.UUID, ...string) error { return catchUp() }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Sent(t.Context(), org, message); !errors.Is(err, behind) || errors.Is(err, reaction.ErrGone) {
		t.Errorf("while the read model is behind: %v", err)
	}
	ref := events.MessageRef{MessageID: message, EnrollmentID: es.NewID(), LeadID: lead, CampaignID: es.NewID()}
	catchUp = func() error {
		store(t, db, vault, org, &n, events.MessageRequested{MessageRef: ref, StepsVersion: 1, StepID: es.NewID(), Step: 1, Steps: 1, VariantID: es.NewID(), MailboxID: es.NewID()},
			events.MessageDrafted{MessageRef: ref, Number: 1, Draft: events.Draft{Subject: subject, Writer: "template"}})
		return nil
	}
	if m, err := r.Sent(t.Context(), org, message); err != nil || m.LeadID != lead {
		t.Errorf("once it has caught up: %+v, %v", m, err)
	}
	catchUp = func() error { return nil }
	if _, err := r.Sent(t.Context(), org, es.NewID()); !errors.Is(err, reaction.ErrGone) {
		t.Errorf("a message that there isn't: %v", err)
	}
}
