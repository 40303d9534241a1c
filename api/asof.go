package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/asof"
	"outrider/projections"
	"outrider/projections/analytics"
)

// The resources that have an at=: each as it is shown now, from a row of the past.

const (
	eventsTable = "analytics_events"
	historyPage = 5000 // events of one read
)

// pastSide is what handlers ask the history of an organisation by.
type pastSide struct {
	reads *readSide
	live  *asof.Live   // nil without ClickHouse
	past  *asof.Reader // likewise
	clock func() time.Time

	forecasts *forecasts // likewise
}

func newPastSide(cfg Config, reads *readSide) (*pastSide, error) {
	p := &pastSide{reads: reads, clock: cfg.Now}
	if cfg.Columns == nil {
		return p, nil
	}
	var err error
	if p.live, err = asof.NewLive(analytics.History{Conn: cfg.Columns}, cfg.LiveStates); err != nil {
		return nil, err
	}
	if p.forecasts, err = newForecasts(); err != nil {
		return nil, err
	}
	p.past, err = asof.NewReader(asof.Config{Columns: cfg.Columns, Pool: cfg.Pool, Vault: cfg.Vault, Positions: cfg.Positions, Partitions: cfg.Partitions, AtMost: cfg.Patience.Shown})
	return p, err
}

// readModelOf is the read model behind a route that can ask the past.
func readModelOf(path string) string {
	switch path {
	case "/v1/organizations/{id}":
		return "organizations"
	case "/v1/leads/{id}":
		return "leads"
	case "/v1/mailboxes/{id}":
		return "mailboxes"
	case "/v1/messages/{id}/why":
		return "messages"
	}
	return "campaigns"
}

func (s *Server) organizationAt(c *call, id uuid.UUID, at time.Time) error {
	return showAt(s, c, id, id, at, func(m *asof.Snapshot) (out gen.Organization, there bool, err error) {
		row := m.Past.Organization()
		if row == nil {
			return out, false, nil
		}
		out, err = organizationOf(row)
		out.AsOf = asOf(m)
		return out, true, err
	})
}

func (s *Server) campaignAt(c *call, id uuid.UUID, at time.Time) error {
	return showAt(s, c, c.who.Org, id, at, func(m *asof.Snapshot) (out gen.Campaign, there bool, err error) {
		row := m.Past.Campaign(id)
		if row == nil {
			return out, false, nil
		}
		out, err = campaignOf(row)
		out.AsOf = asOf(m)
		return out, true, err
	})
}

func (s *Server) enrollmentAt(c *call, id uuid.UUID, at time.Time) error {
	return showAt(s, c, c.who.Org, id, at, func(m *asof.Snapshot) (out gen.Enrollment, there bool, err error) {
		row := m.Past.Enrollment(id)
		if row == nil {
			return out, false, nil
		}
		out, err = enrollmentOf(row)
		out.AsOf = asOf(m)
		return out, true, err
	})
}

func (s *Server) mailboxAt(c *call, id uuid.UUID, at time.Time) error {
	return showAt(s, c, c.who.Org, id, at, func(m *asof.Snapshot) (out gen.Mailbox, there bool, err error) {
		row := m.Past.Mailbox(id)
		if row == nil || row.RemovedAt != nil {
			return out, false, nil
		}
		out, err = mailboxOf(row)
		out.AsOf = asOf(m)
		return out, true, err
	})
}

// leadAt shows nothing personal of who was erased since, whether the key is gone yet or not.
func (s *Server) leadAt(c *call, id uuid.UUID, at time.Time) error {
	return showAt(s, c, c.who.Org, id, at, func(m *asof.Snapshot) (out gen.Lead, there bool, err error) {
		row := m.Past.Lead(id)
		if row == nil {
			return out, false, nil
		}
		var today *projections.Lead
		err = s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			today, err = projections.GetLead(c.ctx, tx, c.who.Org, id)
			return err
		})
		switch {
		case errors.Is(err, pgx.ErrNoRows): // removed, which keeps the key
		case err != nil:
			return out, true, err
		case today.ErasedAt != nil:
			row.Forget()
		}
		out, err = leadOf(row)
		out.AsOf = asOf(m)
		return out, true, err
	})
}

func (s *Server) showEnrollment(c *call, id uuid.UUID) error {
	var row *projections.Enrollment
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetEnrollment(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	out, err := enrollmentOf(row)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

// asOf tells how far the history was followed.
func asOf(m *asof.Snapshot) gen.AsOf {
	return gen.AsOf{Oseq: m.Verifier.Oseq, Time: m.Verifier.Time, Chain: m.Verifier.Chain.String()}
}

// instantAsked is the instant that the caller asks about; false = about now.
func instantAsked(c *call, now time.Time) (time.Time, bool, error) {
	text := c.textParam("at")
	if text == "" {
		return time.Time{}, false, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, true, malformedProblem("at must be an instant as in RFC 3339, like 2026-03-02T09:30:00Z")
	}
	if at.After(now) {
		return at, true, invalidProblem(gen.FieldError{Field: "at", Reason: "lies in the future"})
	}
	return at.UTC(), true, nil
}

// showPast shows the history of an organisation up to an instant.
func (p *pastSide) showPast(c *call, of asof.Subject, at time.Time, show func(*asof.Snapshot) error) error {
	if p.past == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := p.reads.awaitIn(c, eventsTable); err != nil {
		return err
	}
	return p.past.Show(c.ctx, of, at, show)
}

// showAt answers with a resource as it was; show gives false when there was none.
func showAt[T any](s *Server, c *call, org, id uuid.UUID, at time.Time, show func(*asof.Snapshot) (out T, there bool, err error)) error {
	return s.showPast(c, asof.Subject{Org: org, Model: readModelOf(c.route.Path), Only: id}, at, func(m *asof.Snapshot) error {
		out, there, err := show(m)
		if err != nil {
			return err
		}
		if !there {
			return newProblem(commands.CodeNotFound, "there was none at that time")
		}
		return c.answerJSON(http.StatusOK, out)
	})
}
