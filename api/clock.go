package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/identity"
	"outrider/projections"
)

// clockHandlers show the time, and change how it goes where it is simulated.
type clockHandlers struct {
	*readSide
	clock Clock // nil = time is real
	now   func() time.Time
}

func forClock(handle func(*clockHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(&clockHandlers{s.readSide, s.cfg.Clock, s.cfg.Now}, c) }
}

func (h *clockHandlers) getClock(c *call) error {
	out := gen.Clock{Now: h.now().UTC(), Speed: 1, Milestones: []gen.ClockMilestone{}}
	if h.clock == nil {
		return c.answerJSON(http.StatusOK, out)
	}
	out.Simulated = true
	out.Speed, out.Paused, out.From, out.To = h.clock.Pace()
	if r := h.clock.Report(); r != "" {
		if err := json.Unmarshal([]byte(r), &out.Findings); err != nil {
			return fmt.Errorf("read what was found in simulated time: %w", err)
		}
	}
	if c.who.Org == uuid.Nil || !c.who.Has(identity.MessagesRead) {
		return c.answerJSON(http.StatusOK, out)
	}
	var all []*projections.Milestone
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		all, err = projections.Milestones(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return err
	}
	for _, m := range all {
		out.Milestones = append(out.Milestones, gen.ClockMilestone{Kind: gen.ClockMilestoneKind(m.Kind), At: m.At, MessageID: valueOrZero(m.MessageID), ThreadID: valueOrZero(m.ThreadID),
			MeetingID: valueOrZero(m.MeetingID), LeadID: m.LeadID, ExperimentID: valueOrZero(m.ExperimentID)})
	}
	return c.answerJSON(http.StatusOK, out)
}

// clockChange is how time is to go; nil = as before.
type clockChange struct {
	Speed  *float64 `json:"speed"`
	Paused *bool    `json:"paused"`
}

func (h *clockHandlers) setClock(c *call, change clockChange) error {
	if h.clock == nil {
		return newProblem(codeRealClock, "time is this machine's here")
	}
	speed, paused, _, _ := h.clock.Pace()
	if change.Speed != nil {
		speed = *change.Speed
	}
	if change.Paused != nil {
		paused = *change.Paused
	}
	h.clock.SetPace(speed, paused)
	return h.getClock(c)
}
