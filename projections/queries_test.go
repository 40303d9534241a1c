package projections_test

import (
	"context"
	"errors"
	"fmt"
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

func TestEveryReadModelKeepsOrganisationsApart(t *testing.T) {
	t.Parallel()
	f := setup(t)
	open, err := postgres.UnprotectedTables(t.Context(), f.Pools.API)
	if err != nil || len(open) > 0 {
		t.Errorf("unprotected: %v, %v", open, err)
	}
	org, other, lead := uuid.New(), uuid.New(), uuid.New()
	l := newLog(t)
	l.add(org, f.lead(t, org, lead, `{"email":"a@example.com"}`))
	l.add(other, f.lead(t, other, lead, `{"email":"b@example.com"}`))
	f.store(t, l.events)
	for of, want := range map[uuid.UUID]string{org: "a@example.com", other: "b@example.com"} {
		got := read(t, f, of, func(ctx context.Context, tx pgx.Tx) ([]string, error) {
			rows, err := tx.Query(ctx, `select email from read.leads`) // without a word of the organisation
			if err != nil {
				return nil, err
			}
			return pgx.CollectRows(rows, pgx.RowTo[string])
		})
		if !slices.Equal(got, []string{want}) {
			t.Errorf("organisation %s sees %v, want %s", of, got, want)
		}
	}
	err = postgres.InOrg(t.Context(), f.Pools.API, uuid.New(), func(tx pgx.Tx) error {
		_, err := projections.GetLead(t.Context(), tx, org, lead)
		return err
	})
	if !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("another organisation's lead: %v", err)
	}
}

func TestLeadsAreFoundByTheStartOfTheirAddressAsItIsWritten(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, upload := uuid.New(), uuid.New()
	l := newLog(t)
	for i, address := range []string{"a_b@example.com", "axb@example.com", "a%b@example.com", `a\b@example.com`, "ab@example.com", "zoë@exämple.test"} {
		tags := ""
		if i%2 == 1 {
			tags = `,"tags":["vip","x,y"]`
		}
		e := f.lead(t, org, uuid.New(), fmt.Sprintf(`{"email":%q%s}`, address, tags))
		if i%2 == 1 {
			e.Source, e.ImportID, e.Row = events.SourceCSVUpload, upload, i
		}
		l.add(org, e)
	}
	f.store(t, l.events)
	for name, c := range map[string]struct {
		filter projections.LeadFilter
		want   string // addresses, the newest first
	}{
		"nothing asked":                    {projections.LeadFilter{}, `zoë@exämple.test ab@example.com a\b@example.com a%b@example.com axb@example.com a_b@example.com`},
		"an underscore is one":             {projections.LeadFilter{EmailPrefix: "a_"}, "a_b@example.com"},
		"a percent sign is one":            {projections.LeadFilter{EmailPrefix: "a%"}, "a%b@example.com"},
		"a backslash is one":               {projections.LeadFilter{EmailPrefix: `a\`}, `a\b@example.com`},
		"case and space around are passed": {projections.LeadFilter{EmailPrefix: " AB@"}, "ab@example.com"},
		"not the middle":                   {projections.LeadFilter{EmailPrefix: "b@"}, ""},
		"beyond ASCII":                     {projections.LeadFilter{EmailPrefix: "ZOË"}, "zoë@exämple.test"},
		"by tag":                           {projections.LeadFilter{Tag: "x,y"}, `zoë@exämple.test a\b@example.com axb@example.com`},
		"by a tag nobody has":              {projections.LeadFilter{Tag: "x"}, ""},
		"by source":                        {projections.LeadFilter{Source: events.SourceAPI}, "ab@example.com a%b@example.com a_b@example.com"},
		"by import and prefix":             {projections.LeadFilter{ImportID: upload, EmailPrefix: "a"}, `a\b@example.com axb@example.com`},
	} {
		leads := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Page[projections.Lead], error) {
			return projections.ListLeads(ctx, tx, org, c.filter, projections.Listing{Limit: 10, Total: true})
		})
		if leads.Next != nil || leads.Total != len(leads.Rows) {
			t.Errorf("%s: %d of %d rows, next %v", name, len(leads.Rows), leads.Total, leads.Next)
		}
		var got []string
		for _, l := range leads.Rows {
			got = append(got, text(l.Email))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	in := read(t, f, org, func(ctx context.Context, tx pgx.Tx) ([]*projections.Lead, error) {
		return projections.ImportedLeads(ctx, tx, org, upload, 2, 1)
	})
	if len(in) != 1 || text(in[0].Email) != `a\b@example.com` || *in[0].ImportRow != 3 {
		t.Errorf("leads of the import behind the first: %+v", in)
	}
}

func TestRejectionsOfAnImportComeInPagesByRow(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, upload := uuid.New(), uuid.New()
	l := newLog(t)
	l.add(org, events.ImportRequested{ImportRef: events.ImportRef{ImportID: upload}, FileName: "a\x00.csv", Mapping: map[string]string{"E\x00": "email"}, OnDuplicate: events.DuplicateSkip, Source: events.SourceCSVUpload},
		events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 2, FirstRow: 502, Rows: 3, Created: 1, Rejected: 2, Outcomes: []events.RowRun{{From: 502, To: 502, Outcome: "created"}},
			Refused: []events.RefusedRows{{Code: "email_invalid", Rows: events.RowsOf(503)}, {Code: "email_missing", Rows: events.RowsOf(504)}}},
		events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 1, FirstRow: 2, Rows: 2, Duplicates: 1, Created: 1, Refused: []events.RefusedRows{{Code: "duplicate", Rows: events.RowsOf(3)}}},
		events.ImportCompleted{ImportRef: events.ImportRef{ImportID: upload}, Rows: 5, Created: 2, Duplicates: 1, Rejected: 2})
	f.store(t, l.events)
	im := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Import, error) {
		return projections.GetImport(ctx, tx, org, upload)
	})
	if im.Status != projections.ImportCompleted || im.Rows != 5 || im.Created != 2 || im.Duplicates != 1 || im.Rejected != 2 || im.Chunks != 2 || im.FileName != "a\ufffd.csv" || string(im.Mapping) != `{"E�": "email"}` {
		t.Errorf("import: %+v, mapping %s", im, im.Mapping)
	}
	var got []string
	for after := 0; ; {
		page := read(t, f, org, func(ctx context.Context, tx pgx.Tx) ([]*projections.ImportRow, error) {
			return projections.ImportRows(ctx, tx, org, upload, projections.ImportRowFilter{Mentions: true, After: after, Limit: 2})
		})
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			got = append(got, fmt.Sprintf("%d %s", r.Row, r.Code))
		}
		got, after = append(got, "|"), page[len(page)-1].Row
	}
	if s := strings.Join(got, " "); s != "3 duplicate 503 email_invalid | 504 email_missing |" {
		t.Errorf("pages: %s", s)
	}
}

func TestATimelineTellsInOrderWhatHappened(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, lead, refused, campaign := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	l := newLog(t)
	l.actor = es.Actor{Kind: es.ActorAPIKey, ID: "key\x00"}
	l.add(org, f.lead(t, org, lead, `{"email":"a@example.com"}`), events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "secret"},
		events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: uuid.New(), LeadID: lead, CampaignID: campaign}, Counted: true, PeriodFrom: at(0)},
		events.EnrollmentBatchRecorded{CampaignRef: events.CampaignRef{CampaignID: campaign}, Enrolled: 1, Refused: []events.RefusedLead{{LeadID: refused, Code: "suppressed"}, {LeadID: refused, Code: "suppressed"}}},
		es.CommandNoop{Command: "lead.update.v1", Subject: lead.String()},
		es.CommandRefused{Code: "version_conflict", Command: "lead.update.v1", Subject: lead.String()},
		events.LeadRemoved{LeadRef: events.LeadRef{LeadID: lead}, Reason: events.RemovedDeleted})
	f.store(t, l.events)
	story := func(subject uuid.UUID, after int64, limit int) string {
		entries := read(t, f, org, func(ctx context.Context, tx pgx.Tx) ([]*projections.TimelineEntry, error) {
			return projections.TimelineOf(ctx, tx, org, []uuid.UUID{subject}, nil, after, limit)
		})
		var out []string
		for _, e := range entries {
			out = append(out, fmt.Sprintf("%d:%s", e.Oseq, e.Type))
			if (e.Type == "campaign.created.v2") != (e.Detail == nil) {
				t.Errorf("%s tells %s", e.Type, e.Detail)
			}
			if e.ActorKind != es.ActorAPIKey || e.ActorID != "key\ufffd" || !e.At.Equal(at(int(e.Oseq))) {
				t.Errorf("entry %+v", e)
			}
		}
		return strings.Join(out, " ")
	}
	for what, c := range map[string]struct{ got, want string }{
		"the lead's":         {story(lead, 0, 10), "1:lead.created.v2 3:enrollment.started.v1 6:command.refused.v1 7:lead.removed.v1"},
		"a page of it":       {story(lead, 1, 2), "3:enrollment.started.v1 6:command.refused.v1"},
		"the campaign's":     {story(campaign, 0, 10), "2:campaign.created.v2 3:enrollment.started.v1 4:enrollment.batch_recorded.v1"},
		"the refused lead's": {story(refused, 0, 10), "4:enrollment.batch_recorded.v1"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", what, c.got, c.want)
		}
	}
}

func TestATimelineForgetsTheTagsOfWhoIsErased(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, erased, other := uuid.New(), uuid.New(), uuid.New()
	l := newLog(t)
	tag := func(lead uuid.UUID) events.LeadRetagged {
		return events.LeadRetagged{LeadRef: events.LeadRef{LeadID: lead}, Added: []string{"zqxadded"}, Removed: []string{"zqxremoved"}}
	}
	l.add(org, f.lead(t, org, erased, `{"email":"a@example.com"}`), f.lead(t, org, other, `{"email":"b@example.com"}`), tag(erased), tag(other))
	f.store(t, l.events)
	l.events = nil
	l.add(org, tag(erased), events.LeadErased{LeadRef: events.LeadRef{LeadID: erased}})
	f.store(t, l.events)
	for lead, want := range map[uuid.UUID]int{erased: 0, other: 1} {
		said := 0
		for _, e := range read(t, f, org, func(ctx context.Context, tx pgx.Tx) ([]*projections.TimelineEntry, error) {
			return projections.TimelineOf(ctx, tx, org, []uuid.UUID{lead}, nil, 0, 10)
		}) {
			if strings.Contains(string(e.Detail), "zqx") {
				said++
			}
		}
		if said != want {
			t.Errorf("%d entries name tags, want %d", said, want)
		}
	}
}
