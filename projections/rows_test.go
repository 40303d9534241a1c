package projections_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections"
)

func TestALeadIsCreatedMergedErasedAndComesBack(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, lead := uuid.New(), uuid.New()
	l := newLog(t)
	get := func() *projections.Lead {
		t.Helper()
		return read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Lead, error) {
			return projections.GetLead(ctx, tx, org, lead)
		})
	}
	first := f.lead(t, org, lead, `{"email":"a@example.com","first_name":"Zo\u0000ë","city":"Köln","custom":{"plan":"x\u0000","size":"9"},"tags":["vip"],"crm_id":"crm-7","lawful_basis":"consent"}`)
	f.store(t, l.add(org, first))
	if p := get(); text(p.Email) != "a@example.com" || text(p.FirstName) != "Zo\ufffdë" || string(p.Custom) != `{"plan": "x�", "size": "9"}` || !slices.Equal(p.Tags, []string{"vip"}) || p.CRMID != "crm-7" || p.LawfulBasis != "consent" || p.Version != 1 || p.OutreachStatus != "new" || p.Oseq != 1 {
		t.Errorf("created: %+v %s", p, p.Custom)
	}
	patch, _, err := f.sealed(t.Context(), org, lead, projections.ProfileField, `{"first_name":"Zoe","city":null,"custom":{"size":null,"new":"👩‍🚀"},"tags":[]}`)
	if err != nil {
		t.Fatal(err)
	}
	f.store(t, l.add(org, events.LeadUpdated{LeadRef: events.LeadRef{LeadID: lead}, Profile: patch, TimeZone: ptr("Europe/Paris")},
		events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: uuid.New(), LeadID: lead, CampaignID: uuid.New()}, PeriodFrom: at(0)}))
	if p := get(); text(p.FirstName) != "Zoe" || p.City != nil || text(p.Email) != "a@example.com" || string(p.Custom) != `{"new": "👩‍🚀", "plan": "x�"}` ||
		len(p.Tags) != 0 || p.TimeZone != "Europe/Paris" || p.CRMID != "crm-7" || p.Version != 2 || p.OutreachStatus != projections.OutreachInProgress || !p.UpdatedAt.Equal(at(2)) {
		t.Errorf("updated: %+v %s", p, p.Custom)
	}
	f.store(t, l.add(org, events.LeadErased{LeadRef: events.LeadRef{LeadID: lead}}))
	if p := get(); p.Email != nil || p.FirstName != nil || string(p.Custom) != "{}" || p.CRMID+p.LawfulBasis+p.TimeZone != "" || len(p.Tags) != 0 || p.ErasedAt == nil || !p.ErasedAt.Equal(at(4)) {
		t.Errorf("erased: %+v %s", p, p.Custom)
	}
	if err := f.vault.Erase(t.Context(), org, lead); err != nil {
		t.Fatal(err)
	}
	f.store(t, l.add(org, f.lead(t, org, lead, `{"email":"a@example.com"}`)))
	if p := get(); text(p.Email) != "a@example.com" || p.FirstName != nil || p.ErasedAt != nil || p.Version != 1 || p.OutreachStatus != "new" {
		t.Errorf("back again: %+v", p)
	}
	f.store(t, l.add(org, events.LeadRemoved{LeadRef: events.LeadRef{LeadID: lead}}))
	err = postgres.InOrg(t.Context(), f.Pools.API, org, func(tx pgx.Tx) error {
		_, err := projections.GetLead(t.Context(), tx, org, lead)
		return err
	})
	if !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("removed: %v", err)
	}
}

// A seal that was made for somebody else shows nothing and stops nobody.
func TestAForeignSealReadsAsNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, lead, other := uuid.New(), uuid.New(), uuid.New()
	l := newLog(t)
	mine, stolen := f.lead(t, org, lead, `{"email":"a@example.com"}`), f.lead(t, org, other, `{"email":"b@example.com"}`)
	mine.Profile.C = stolen.Profile.C
	f.store(t, l.add(org, mine))
	p := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Lead, error) {
		return projections.GetLead(ctx, tx, org, lead)
	})
	if p.Email != nil {
		t.Errorf("shows %s", *p.Email)
	}
}

func TestALeadThatGoesLeavesItsCampaignsAndMayComeBackToThem(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]func(uuid.UUID) es.Payload{
		"removed": func(lead uuid.UUID) es.Payload { return events.LeadRemoved{LeadRef: events.LeadRef{LeadID: lead}} },
		"erased":  func(lead uuid.UUID) es.Payload { return events.LeadErased{LeadRef: events.LeadRef{LeadID: lead}} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			org, lead, stays, campaign := uuid.New(), uuid.New(), uuid.New(), uuid.New()
			l := newLog(t)
			on := func(lead uuid.UUID, counted bool) es.Payload {
				return events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: es.DeriveID(campaign, lead.String()), LeadID: lead, CampaignID: campaign}, Counted: counted, PeriodFrom: at(0)}
			}
			see := func(when string, want ...uuid.UUID) {
				t.Helper()
				c := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Campaign, error) {
					return projections.GetCampaign(ctx, tx, org, campaign)
				})
				list := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Page[projections.Enrollment], error) {
					return projections.ListEnrollments(ctx, tx, org, projections.EnrollmentFilter{CampaignID: campaign}, projections.Listing{Limit: 10})
				}).Rows
				var got []uuid.UUID
				for _, n := range list {
					got = append(got, n.LeadID)
				}
				if c.Enrolled != len(want) || len(got) != len(want) || len(want) > 0 && got[len(got)-1] != want[len(want)-1] {
					t.Errorf("%s: %d enrolled, listed %v, want %v", when, c.Enrolled, got, want)
				}
			}
			f.store(t, l.add(org, events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Spring", Steps: []events.Step{}}, on(lead, true), on(stays, true)))
			see("both on it", lead, stays)
			f.store(t, l.add(org, gone(lead)))
			see("one gone", stays)
			f.store(t, l.add(org, f.lead(t, org, lead, `{}`), on(lead, false)))
			see("back", stays, lead)
			use := read(t, f, org, func(ctx context.Context, tx pgx.Tx) ([]*projections.Usage, error) {
				return projections.ListUsage(ctx, tx, org, 5)
			})
			if len(use) != 1 || use[0].LeadsProcessed != 2 {
				t.Errorf("usage counts who was counted: %+v", use)
			}
		})
	}
}

func TestACampaignIsRenamedRewrittenDeletedAndMadeAnew(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, campaign := uuid.New(), uuid.New()
	l := newLog(t)
	f.store(t, l.add(org, events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Spring", CampaignType: events.Nurture, CreatedBy: "person:1", Approval: events.ApproveAll, Steps: []events.Step{}},
		events.CampaignRenamed{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "a\x00b"},
		events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: []events.Step{{Kind: events.StepEmail, Variants: []events.Variant{{Subject: "x\x00", Body: `\u0000`}}}}}))
	c := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Page[projections.Campaign], error) {
		return projections.ListCampaigns(ctx, tx, org, projections.CampaignFilter{}, projections.Listing{Limit: 5})
	}).Rows
	if len(c) != 1 || c[0].Name != "a\ufffdb" || c[0].Version != 3 || c[0].Status != projections.CampaignDraft || !strings.Contains(string(c[0].Steps), `"x�"`) || !strings.Contains(string(c[0].Steps), `"\\u0000"`) {
		t.Errorf("edited: %+v %s", c[0], c[0].Steps)
	}
	f.store(t, l.add(org, events.CampaignDeleted{CampaignRef: events.CampaignRef{CampaignID: campaign}}, events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Summer", CampaignType: events.FollowUp, TimeZone: "UTC", Steps: []events.Step{}}))
	again := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Campaign, error) {
		return projections.GetCampaign(ctx, tx, org, campaign)
	})
	if again.Name != "Summer" || again.CampaignType != events.FollowUp || again.TimeZone != "UTC" || again.Version != 1 || again.Oseq != 5 {
		t.Errorf("made anew in the batch that deleted it: %+v", again)
	}
}

func TestASuppressionShowsItsAddressUntilItsErasure(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, sid := uuid.New(), uuid.New()
	l := newLog(t)
	value, _, err := f.sealed(t.Context(), org, sid, projections.SuppressionField, "a@example.com\x00")
	if err != nil {
		t.Fatal(err)
	}
	added := events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: sid}, Kind: events.SuppressAddress, Hash: "ab", Reason: events.SuppressedManual, Value: value}
	list := func(kind, hash string) []*projections.Suppression {
		return read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Page[projections.Suppression], error) {
			return projections.ListSuppressions(ctx, tx, org, projections.SuppressionFilter{Kind: kind, Hash: hash}, projections.Listing{Limit: 5})
		}).Rows
	}
	f.store(t, l.add(org, added))
	if s := list("", ""); len(s) != 1 || text(s[0].Value) != "a@example.com\ufffd" || s[0].Reason != events.SuppressedManual {
		t.Errorf("added: %+v", s)
	}
	if s := list(events.SuppressDomain, ""); len(s) != 0 {
		t.Errorf("by another kind: %+v", s)
	}
	erased := added
	erased.Reason, erased.Value = events.SuppressedErasure, events.Sealed{}
	f.store(t, l.add(org, erased))
	if s := list(events.SuppressAddress, "ab"); len(s) != 1 || s[0].Value != nil || s[0].Reason != events.SuppressedErasure {
		t.Errorf("erased: %+v", s)
	}
	f.store(t, l.add(org, events.SuppressionRemoved{SuppressionRef: events.SuppressionRef{SuppressionID: sid}, Kind: added.Kind, Hash: added.Hash}))
	if s := list("", ""); len(s) != 0 {
		t.Errorf("lifted: %+v", s)
	}
}

func TestAnOrganizationFollowsItsFacts(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org := uuid.New()
	l := newLog(t)
	f.store(t, l.add(org, events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Slug: "acme", Name: "Acme", Plan: "starter", Limits: events.Limits{LeadsPerMonth: 3}, TimeZone: "UTC", TrialEndsAt: at(99), BillingAnchor: at(1)},
		events.OrganizationUpdated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Name: ptr("\x00Acme"), PostalAddress: ptr("1 Main St")},
		events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "scale", Limits: events.Limits{LeadsPerMonth: -1}}))
	f.store(t, l.add(org, events.OrganizationTrialEnded{OrganizationRef: events.OrganizationRef{OrganizationID: org}}, events.OrganizationStatusChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Status: events.StatusSuspended, Reason: "unpaid"}, events.OrganizationDeleted{OrganizationRef: events.OrganizationRef{OrganizationID: org}}))
	o := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Organization, error) {
		return projections.GetOrganization(ctx, tx, org)
	})
	if o.Name != "\ufffdAcme" || o.PostalAddress != "" || o.TimeZone != "UTC" || o.Plan != "scale" || !strings.Contains(string(o.Limits), `"leads_per_month": -1`) || !o.TrialEnded ||
		o.Status != events.StatusSuspended || o.StatusReason != "unpaid" || o.Version != 6 || o.DeletedAt == nil || !o.DeletedAt.Equal(at(6)) || !o.TrialEndsAt.Equal(at(99)) {
		t.Errorf("%+v", o)
	}
}
