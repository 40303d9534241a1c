package api

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/projections"
	"outrider/projections/analytics"
)

// searchHandlers find things of all kinds.
type searchHandlers struct {
	*readSide
	columns driver.Conn // nil = there is no history here
}

func forSearch(handle func(*searchHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(&searchHandlers{s.readSide, s.cfg.Columns}, c) }
}

const (
	defaultFound = 6
	shortestText = 2 // characters that are worth looking for in texts
)

func (h *searchHandlers) search(c *call) error {
	out := gen.SearchResults{Data: []gen.SearchResult{}}
	text := strings.TrimSpace(c.textParam("q"))
	if c.who.Org == uuid.Nil || text == "" {
		return c.answerJSON(http.StatusOK, out)
	}
	limit := c.numberParam("limit", defaultFound)
	id, err := uuid.Parse(text)
	if err == nil {
		out.Data, err = h.findID(c, id)
	} else {
		err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			out.Data, err = findText(c, tx, text, limit)
			return err
		})
	}
	if err != nil {
		return err
	}
	if number, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64); err == nil && number > 0 && h.columns != nil && c.who.Has(identity.AuditRead) {
		found, err := analytics.History{Conn: h.columns}.Range(c.ctx, c.who.Org, number, number, 1)
		if err != nil {
			return err
		}
		out.Data = append(out.Data, eventsFound(found)...)
	}
	return c.answerJSON(http.StatusOK, out)
}

func eventsFound(log []*es.Event) (out []gen.SearchResult) {
	for _, e := range log {
		out = append(out, gen.SearchResult{Kind: gen.SearchResultKindEvent, ID: e.ID, Oseq: e.Oseq, Title: cmp.Or(tellEvent(e), e.Type), Detail: e.Type})
	}
	return out
}

// findText looks for a text in what the caller may read.
func findText(c *call, tx pgx.Tx, text string, limit int) (out []gen.SearchResult, err error) {
	out = []gen.SearchResult{}
	if len([]rune(text)) < shortestText {
		return out, nil
	}
	people := c.who.Has(identity.PIIRead)
	if people && c.who.Has(identity.LeadsRead) {
		leads, err := projections.FindLeads(c.ctx, tx, c.who.Org, text, limit)
		if err != nil {
			return nil, err
		}
		ids := make([]uuid.UUID, len(leads))
		for i, l := range leads {
			ids[i] = l.LeadID
			out = append(out, gen.SearchResult{Kind: gen.SearchResultKindLead, ID: l.LeadID, Title: leadTitle(l), Detail: strings.Join(notEmpty(valueOrZero(l.Email), valueOrZero(l.CompanyName)), ", ")})
		}
		if c.who.Has(identity.MessagesRead) {
			threads, err := projections.ThreadsOf(c.ctx, tx, c.who.Org, ids, limit)
			if err != nil {
				return nil, err
			}
			for _, t := range threads {
				for _, l := range leads {
					if l.LeadID == t.LeadID {
						out = append(out, gen.SearchResult{Kind: gen.SearchResultKindThread, ID: t.ThreadID, Title: leadTitle(l), Detail: valueOrZero(t.Subject)})
					}
				}
			}
		}
	}
	few := projections.Listing{Limit: limit}
	if c.who.Has(identity.CampaignsRead) {
		page, err := projections.ListCampaigns(c.ctx, tx, c.who.Org, projections.CampaignFilter{Search: text}, few)
		if err != nil {
			return nil, err
		}
		for _, x := range page.Rows {
			out = append(out, gen.SearchResult{Kind: gen.SearchResultKindCampaign, ID: x.CampaignID, Title: x.Name, Detail: x.Status})
		}
	}
	if people && c.who.Has(identity.MailboxesRead) {
		page, err := projections.ListMailboxes(c.ctx, tx, c.who.Org, projections.MailboxFilter{Search: text}, few)
		if err != nil {
			return nil, err
		}
		for _, m := range page.Rows {
			out = append(out, gen.SearchResult{Kind: gen.SearchResultKindMailbox, ID: m.MailboxID, Title: valueOrZero(m.Address), Detail: m.Status})
		}
	}
	return out, nil
}

func notEmpty(all ...string) (out []string) {
	for _, s := range all {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// findID finds what has an id, or followed from it.
func (h *searchHandlers) findID(c *call, id uuid.UUID) ([]gen.SearchResult, error) {
	out := []gen.SearchResult{}
	var found []*projections.Found
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		found, err = projections.FindID(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return nil, err
	}
	for _, f := range found {
		if c.who.Has(hearing(f.Kind)) {
			out = append(out, gen.SearchResult{Kind: gen.SearchResultKind(f.Kind), ID: f.ID, Title: f.Title})
		}
	}
	if h.columns == nil || !c.who.Has(identity.AuditRead) {
		return out, nil
	}
	history := analytics.History{Conn: h.columns}
	e, err := history.ByID(c.ctx, c.who.Org, id)
	if err != nil {
		return nil, err
	}
	if e != nil {
		out = append(out, eventsFound([]*es.Event{e})...)
	}
	trace, err := history.ByCorrelation(c.ctx, c.who.Org, id, analytics.Page{Limit: 1})
	if err == nil && len(trace) > 0 {
		out = append(out, gen.SearchResult{Kind: gen.SearchResultKindRequest, ID: id, Title: cmp.Or(tellEvent(trace[0]), trace[0].Type)})
	}
	return out, err
}
