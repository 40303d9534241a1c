package api

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/profile"
	"outrider/projections"
)

// segmentHandlers answer what is asked of saved filters of leads.
type segmentHandlers struct {
	*readSide
	*writeSide
}

// forSegments is the handler of a route that segmentHandlers answer.
func forSegments(handle func(*segmentHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(&segmentHandlers{s.readSide, s.writeSide}, c) }
}

func segmentOf(s *projections.Segment) (gen.Segment, error) {
	filter, err := projections.FilterIn(s)
	return gen.Segment{ID: s.SegmentID, Version: s.Version, Name: s.Name, Filter: filter, ChangedBy: s.ChangedBy, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt}, err
}

func (h *segmentHandlers) listSegments(c *call) error {
	var rows []*projections.Segment
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		rows, err = projections.ListSegments(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return err
	}
	out := gen.SegmentList{Data: make([]gen.Segment, len(rows))}
	for i, s := range rows {
		var err error
		if out.Data[i], err = segmentOf(s); err != nil {
			return err
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *segmentHandlers) showSegment(c *call, id uuid.UUID) error {
	out, err := h.loadSegment(c, id)
	if err != nil {
		return err
	}
	return c.answerVersioned(out, out.Version)
}

// loadSegment counts its leads, unless that would tell the caller what is masked.
func (h *segmentHandlers) loadSegment(c *call, id uuid.UUID) (out gen.Segment, err error) {
	for _, projection := range []string{"leads", "campaigns"} {
		if err := h.awaitIn(c, projection); err != nil {
			return out, err
		}
	}
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		s, err := projections.GetSegment(c.ctx, tx, c.who.Org, id)
		if err != nil {
			return err
		}
		if out, err = segmentOf(s); err != nil || c.masked() && out.Filter.AsksPersonal() {
			return err
		}
		n, err := projections.CountLeads(c.ctx, tx, c.who.Org, projections.LeadsOfSegment(out.Filter))
		out.Leads = &n
		return err
	})
	return out, err
}

func (h *segmentHandlers) createSegment(c *call, body gen.SegmentWrite) error {
	name, err := checkSegment(c, body)
	if err != nil {
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	id := in.newID("segment")
	a, err := h.submitCommand(in, commands.CreateSegment{SegmentRef: events.SegmentRef{SegmentID: id}, Name: name, Filter: body.Filter})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "segments", a, func() error {
		out, err := h.loadSegment(c, id)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/segments/"+id.String(), out.Version)
	})
}

func (h *segmentHandlers) changeSegment(c *call, id uuid.UUID, body gen.SegmentWrite) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	name, err := checkSegment(c, body)
	if err != nil {
		return err
	}
	a, err := h.submitOwn(c, commands.ChangeSegment{SegmentRef: events.SegmentRef{SegmentID: id}, Name: name, Filter: body.Filter, IfVersion: version})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "segments", a, func() error { return h.showSegment(c, id) })
}

func removeSegment(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.RemoveSegment{SegmentRef: events.SegmentRef{SegmentID: id}}, nil
}

// checkSegment returns the name as it is kept.
func checkSegment(c *call, body gen.SegmentWrite) (name string, err error) {
	if c.masked() && body.Filter.AsksPersonal() {
		return "", needsPII("filter")
	}
	if name = profile.CleanLine(body.Name); name == "" {
		return "", invalidField("name", "is blank")
	}
	return name, nil
}

// withSegment narrows a filter to a segment; uuid.Nil = to none. What it is bound to changes with the segment.
func (r *readSide) withSegment(c *call, f *projections.LeadFilter, id uuid.UUID) error {
	if id == uuid.Nil {
		return nil
	}
	if err := errors.Join(r.awaitIn(c, "segments"), r.awaitIn(c, "campaigns")); err != nil {
		return err
	}
	return r.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		s, err := projections.GetSegment(c.ctx, tx, c.who.Org, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return newProblem(commands.CodeNotFound, "there is no such segment")
		}
		if err != nil {
			return err
		}
		filter, err := projections.FilterIn(s)
		if err != nil {
			return err
		}
		if c.masked() && filter.AsksPersonal() {
			return needsPII("segment_id")
		}
		within := projections.LeadsOfSegment(filter)
		f.Within = &within
		return nil
	})
}
