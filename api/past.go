package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/projections"
)

// The resources that have an at=: each as it is shown now, from a row of the past.

const eventsTable = "analytics_events"

// presentOf is the read model behind a route that can ask the past.
func presentOf(path string) string {
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
	return showAt(s, c, id, id, at, func(m *moment) (out gen.Organization, there bool, err error) {
		row := m.past.Organization()
		if row == nil {
			return out, false, nil
		}
		out, err = organizationOf(row)
		out.AsOf = m.asOf()
		return out, true, err
	})
}

func (s *Server) campaignAt(c *call, id uuid.UUID, at time.Time) error {
	return showAt(s, c, c.who.Org, id, at, func(m *moment) (out gen.Campaign, there bool, err error) {
		row := m.past.Campaign(id)
		if row == nil {
			return out, false, nil
		}
		out, err = campaignOf(row)
		out.AsOf = m.asOf()
		return out, true, err
	})
}

func (s *Server) enrollmentAt(c *call, id uuid.UUID, at time.Time) error {
	return showAt(s, c, c.who.Org, id, at, func(m *moment) (out gen.Enrollment, there bool, err error) {
		row := m.past.Enrollment(id)
		if row == nil {
			return out, false, nil
		}
		out, err = enrollmentOf(row)
		out.AsOf = m.asOf()
		return out, true, err
	})
}

func (s *Server) mailboxAt(c *call, id uuid.UUID, at time.Time) error {
	return showAt(s, c, c.who.Org, id, at, func(m *moment) (out gen.Mailbox, there bool, err error) {
		row := m.past.Mailbox(id)
		if row == nil || row.RemovedAt != nil {
			return out, false, nil
		}
		out, err = mailboxOf(row)
		out.AsOf = m.asOf()
		return out, true, err
	})
}

// leadAt shows nothing personal of who was erased since, whether the key is gone yet or not.
func (s *Server) leadAt(c *call, id uuid.UUID, at time.Time) error {
	return showAt(s, c, c.who.Org, id, at, func(m *moment) (out gen.Lead, there bool, err error) {
		row := m.past.Lead(id)
		if row == nil {
			return out, false, nil
		}
		var today *projections.Lead
		err = s.read(c, c.who.Org, func(tx pgx.Tx) (err error) {
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
		out.AsOf = m.asOf()
		return out, true, err
	})
}

// inTime answers with the present, or with the past when the caller names an instant.
func (s *Server) inTime(c *call, id uuid.UUID, now func(*call, uuid.UUID) error, then func(*call, uuid.UUID, time.Time) error) error {
	at, past, err := c.at(s)
	switch {
	case err != nil:
		return err
	case past:
		return then(c, id, at)
	}
	return now(c, id)
}

func (s *Server) getEnrollment(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return s.inTime(c, id, s.showEnrollment, s.enrollmentAt)
}

func (s *Server) showEnrollment(c *call, id uuid.UUID) error {
	var row *projections.Enrollment
	if err := s.read(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetEnrollment(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	out, err := enrollmentOf(row)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, out)
}
