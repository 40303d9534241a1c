package api

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/identity"
	"outrider/projections"
	"outrider/projections/analytics"
)

// finding is something that a rule measured, before it has a name.
type finding struct {
	key      gen.FindingKey
	kind     gen.FindingKind
	id       uuid.UUID
	measured gen.Measured
	what     string
}

func (f finding) text() string {
	return fmt.Sprintf("%d of %d messages of the last seven days %s. The %s stops once it is sure that %.1f %% or more do.", f.measured.Count, f.measured.Of, f.what, f.kind, f.measured.Threshold*100)
}

// measure puts a count beside the limit of its rule, which is per 100,000.
func measure(count, of int, limit int64) gen.Measured {
	m := gen.Measured{Count: int64(count), Of: int64(of), Threshold: float64(limit) / 100_000, Minimum: aggregates.LeastSends}
	if of > 0 {
		m.Rate = float64(count) / float64(of)
	}
	m.Low, m.High = analytics.Interval(uint64(max(count, 0)), uint64(max(of, 0)))
	return m
}

// measuredOf is what the rule measures that stopped something; zero when no rule did that measures.
func measuredOf(now time.Time, o *aggregates.Organization, s *gen.TodayStopped) gen.Measured {
	var n aggregates.Counts
	limit := int64(aggregates.MailboxBounceLimit)
	if s.Kind == gen.TodayStoppedKindMailbox {
		m := o.Mailboxes.Get(s.ID)
		if m == nil {
			return gen.Measured{}
		}
		n = m.Rate.At(now)
	} else {
		c := o.Campaigns[s.ID]
		if c == nil {
			return gen.Measured{}
		}
		n, limit = c.Rate.At(now), aggregates.CampaignBounceLimit
	}
	switch s.Reason {
	case events.PausedBounceRate:
		return measure(n.Bounced, n.Sent, limit)
	case events.PausedComplaintRate:
		return measure(n.Complained, n.Sent, aggregates.ComplaintLimit)
	}
	return gen.Measured{}
}

// findingsOf finds what is above a limit, though it isn't sure yet, so that no rule has acted.
func findingsOf(now time.Time, o *aggregates.Organization) (found []finding) {
	look := func(key gen.FindingKey, kind gen.FindingKind, id uuid.UUID, count, of int, limit int64, what string) {
		if of >= aggregates.LeastSends && int64(count)*100_000 >= int64(of)*limit {
			found = append(found, finding{key, kind, id, measure(count, of, limit), what})
		}
	}
	for _, m := range o.Mailboxes.All() {
		if m.Sending() {
			n := m.Rate.At(now)
			look(gen.FindingKeyMailboxBounces, gen.FindingKindMailbox, m.ID, n.Bounced, n.Sent, aggregates.MailboxBounceLimit, "came back")
			look(gen.FindingKeyMailboxComplaints, gen.FindingKindMailbox, m.ID, n.Complained, n.Sent, aggregates.ComplaintLimit, "were marked as spam")
		}
	}
	for _, c := range o.LiveCampaigns() {
		if c.Status == events.CampaignIsActive {
			n := c.Rate.At(now)
			look(gen.FindingKeyCampaignBounces, gen.FindingKindCampaign, c.ID, n.Bounced, n.Sent, aggregates.CampaignBounceLimit, "came back")
		}
	}
	slices.SortStableFunc(found, func(a, b finding) int { return cmp.Compare(b.measured.Rate, a.measured.Rate) })
	return found[:min(len(found), mostStopped)]
}

// nameFindings leaves out what the caller may not see.
func nameFindings(c *call, tx pgx.Tx, found []finding) ([]gen.Finding, error) {
	var boxes, campaigns []uuid.UUID
	for _, f := range found {
		if f.kind == gen.FindingKindMailbox {
			boxes = append(boxes, f.id)
		} else {
			campaigns = append(campaigns, f.id)
		}
	}
	mailboxes, err := projections.Mailboxes(c.ctx, tx, c.who.Org, boxes)
	if err != nil {
		return nil, err
	}
	named, err := projections.Campaigns(c.ctx, tx, c.who.Org, campaigns)
	if err != nil {
		return nil, err
	}
	var out []gen.Finding
	for _, f := range found {
		x := gen.Finding{Key: f.key, Kind: f.kind, ID: f.id, Text: f.text(), Measured: f.measured}
		switch m, campaign := mailboxes[f.id], named[f.id]; {
		case m != nil && c.who.Has(identity.MailboxesRead):
			x.Title = valueOrZero(m.Address)
		case campaign != nil && c.who.Has(identity.CampaignsRead):
			x.Title = campaign.Name
		default:
			continue
		}
		out = append(out, x)
	}
	return out, nil
}
