package privacy_test

import (
	"log/slog"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/privacy"
	"outrider/events"
	"outrider/internal/blob"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/identity"
	"outrider/internal/pii"
	"outrider/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// history hands events of one organisation to a reactor.
type history struct {
	t    *testing.T
	org  uuid.UUID
	oseq int64
}

// tell hands on the next event, twice, as a reactor may see it again.
func (h *history) tell(r react.Reactor, e events.Event) {
	h.t.Helper()
	h.oseq++
	h.tellAt(r, h.oseq, e)
	h.tellAt(r, h.oseq, e)
}

func (h *history) tellAt(r react.Reactor, oseq int64, e events.Event) {
	h.t.Helper()
	data, err := es.Marshal(e)
	check(h.t, err)
	if !r.Wants(e.EventType()) {
		h.t.Errorf("%s doesn't want %s", r.Name, e.EventType())
	}
	_, err = r.Handle(h.t.Context(), &es.Event{ID: es.DeriveID(h.org, "event", e.EventType(), time.Duration(oseq).String()), Org: h.org, Oseq: oseq, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Type: e.EventType(), Data: data})
	check(h.t, err)
}

func (h *history) ref() events.OrganizationRef { return events.OrganizationRef{OrganizationID: h.org} }

func TestTheDirectoryFollowsTheHistory(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t).Pools.Identity
	slugs, directory := identity.NewSlugs(pool, nil), identity.NewDirectory(pool)
	keeper, err := privacy.NewDirectoryKeeper(directory)
	check(t, err)
	confirmer, err := privacy.NewSlugConfirmer(slugs)
	check(t, err)
	h, r := &history{t: t, org: uuid.New()}, keeper.Reactor()
	check(t, slugs.Reserve(t.Context(), "acme", h.org))
	made := events.OrganizationCreated{OrganizationRef: h.ref(), Slug: "acme", Name: "Acme", Plan: "starter"}
	h.tell(confirmer.Reactor(), made)
	h.tell(r, made)
	shows := func(slug, name, plan, status string) {
		t.Helper()
		list, err := directory.Find(t.Context(), identity.DirectoryFilter{}, "", 10)
		check(t, err)
		if len(list) != 1 || list[0].Slug != slug || list[0].Name != name || list[0].Plan != plan || list[0].Status != status {
			t.Errorf("it shows %+v", list)
		}
	}
	shows("acme", "Acme", "starter", "active")
	name := "Acme SE"
	h.tell(r, events.OrganizationUpdated{OrganizationRef: h.ref(), Name: &name})
	h.tell(r, events.OrganizationPlanChanged{OrganizationRef: h.ref(), Plan: "scale"})
	h.tell(r, events.OrganizationStatusChanged{OrganizationRef: h.ref(), Status: "suspended"})
	h.tellAt(r, 1, events.OrganizationStatusChanged{OrganizationRef: h.ref(), Status: "cancelled"}) // long ago
	shows("acme", name, "scale", "suspended")
	h.tell(r, events.OrganizationDeletionRequested{OrganizationRef: h.ref()})
	shows("acme", name, "scale", "deleted")
	h.tell(r, events.OrganizationRestored{OrganizationRef: h.ref(), Status: "active"})

	check(t, slugs.Reserve(t.Context(), "acme-se", h.org))
	h.tell(confirmer.Reactor(), events.OrganizationSlugChanged{OrganizationRef: h.ref(), Slug: "acme-se", From: "acme"})
	h.tellAt(confirmer.Reactor(), 1, made) // seen again, it takes nothing back
	shows("acme-se", name, "scale", "active")
	if now, err := slugs.Resolve(t.Context(), "acme"); err != nil || now.Slug != "acme-se" || now.Org != h.org {
		t.Errorf("the old slug leads to %v, %v", now, err)
	}
	gone := events.OrganizationDeleted{OrganizationRef: h.ref()}
	h.tell(r, gone)
	h.tell(confirmer.Reactor(), gone)
	list, err := directory.Find(t.Context(), identity.DirectoryFilter{}, "", 10)
	check(t, err)
	if len(list) != 0 {
		t.Errorf("left is %v", list)
	}
	check(t, slugs.Reserve(t.Context(), "acme", uuid.New())) // anybody's now
}

func TestKeysAndMembershipsEndWithTheOrganisation(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t).Pools.Identity
	keys, err := identity.NewKeys(pool, identity.Options{})
	check(t, err)
	sessions, err := identity.NewSessions(pool, nil, "", identity.Options{})
	check(t, err)
	access, err := privacy.NewAccessKeeper(keys)
	check(t, err)
	members, err := privacy.NewMembershipKeeper(sessions)
	check(t, err)
	h, ann, bob := &history{t: t, org: uuid.New()}, uuid.New(), uuid.New()
	for who, role := range map[uuid.UUID]string{ann: "owner", bob: "member"} {
		h.tell(members.Reactor(), events.MemberJoined{MemberRef: events.MemberRef{PersonID: who}, Role: role})
	}
	_, token, err := keys.Issue(t.Context(), identity.Issue{Org: h.org, Name: "ci", Scopes: []identity.Scope{identity.LeadsRead}})
	check(t, err)
	good := func() bool {
		_, err := keys.Authenticate(t.Context(), token, netip.MustParseAddr("127.0.0.1"))
		return err == nil
	}
	memberships := func(who uuid.UUID) int {
		t.Helper()
		list, err := sessions.Memberships(t.Context(), who)
		check(t, err)
		return len(list)
	}
	h.tell(access.Reactor(), events.OrganizationDeletionRequested{OrganizationRef: h.ref()})
	if good() || memberships(ann) != 0 {
		t.Error("its deletion waits, and its key is good, or its owner a member")
	}
	h.tell(access.Reactor(), events.OrganizationRestored{OrganizationRef: h.ref(), Status: "active"})
	if !good() || memberships(ann) != 1 || memberships(bob) != 1 {
		t.Error("it was restored, and something is gone")
	}
	h.tell(members.Reactor(), events.MemberErased{MemberRef: events.MemberRef{PersonID: bob}})
	if memberships(bob) != 0 || memberships(ann) != 1 {
		t.Error("who was forgotten is a member, or somebody else no longer")
	}
	gone := events.OrganizationDeleted{OrganizationRef: h.ref()}
	h.tell(access.Reactor(), gone)
	h.tell(members.Reactor(), gone)
	all, err := sessions.AllMemberships(t.Context(), ann)
	check(t, err)
	if good() || len(all) != 0 {
		t.Error("it is gone, and its key is good, or its owner a member")
	}
}

func TestKeysOfWhoIsForgottenAreDestroyed(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	check(t, err)
	vault, err := pii.NewVault(db.Pools.Vault, master, pii.Options{})
	check(t, err)
	bucket, err := blob.Open(t.Context(), "file://"+t.TempDir())
	check(t, err)
	eraser, err := privacy.NewEraser(vault, bucket, db.Pools.API, nil, slog.New(slog.DiscardHandler))
	check(t, err)
	h, ann, bob, invitation := &history{t: t, org: uuid.New()}, uuid.New(), uuid.New(), uuid.New()
	_, err = vault.Keys(t.Context(), h.org, []uuid.UUID{ann, bob, invitation})
	check(t, err)
	has := func(who uuid.UUID) bool {
		t.Helper()
		is, err := vault.HasKey(t.Context(), h.org, who)
		check(t, err)
		return is
	}
	h.tell(eraser.Reactor(), events.MemberErased{MemberRef: events.MemberRef{PersonID: bob}, Invitations: []uuid.UUID{invitation}})
	if has(bob) || has(invitation) || !has(ann) {
		t.Errorf("keys: bob %v, his invitation %v, ann %v", has(bob), has(invitation), has(ann))
	}
	h.tell(eraser.Reactor(), events.OrganizationDeleted{OrganizationRef: h.ref()})
	if has(ann) {
		t.Error("of an organisation that is gone a key is left")
	}
}
