package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/projections/analytics"
)

const (
	traceEvents = 1000            // of a trace at most
	traceNames  = 2 * time.Second // to look the commands of a trace up
)

// getTrace builds the tree from events alone, which name their command and what caused it; every command leaves one.
func (s *Server) getTrace(c *call, id uuid.UUID) error {
	if s.cfg.Columns == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	all, err := analytics.History{Conn: s.cfg.Columns}.ByCorrelation(c.ctx, c.who.Org, id, analytics.Page{Limit: traceEvents + 1})
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return notFoundProblem()
	}
	out := gen.Trace{CorrelationID: id, Truncated: len(all) > traceEvents}
	if out.Truncated {
		all = all[:traceEvents]
	}
	for _, e := range all {
		if e.Payload, err = events.Decode(e.Type, e.Data); err != nil {
			return fmt.Errorf("event %s: %w", e.ID, err)
		}
	}
	roots := es.Trace(all)
	s.nameCommands(c, roots)
	out.Events, out.Commands = len(all), tracedCommands(roots)
	return c.answerJSON(http.StatusOK, out)
}

// nameCommands fills in the types of commands that are still kept. A trace without them is better than none.
func (s *Server) nameCommands(c *call, roots []*es.TracedCommand) {
	if len(s.cfg.Log.Seeds) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, traceNames)
	defer cancel()
	if err := reader.NameCommands(ctx, s.cfg.Log, es.PartitionOf(c.who.Org, s.cfg.Partitions), roots); err != nil {
		s.cfg.Logger.Warn("commands of a trace can't be read", "error", err)
	}
}

func tracedCommands(from []*es.TracedCommand) []gen.TraceCommand {
	out := make([]gen.TraceCommand, len(from))
	for i, x := range from {
		c := gen.TraceCommand{ID: x.ID, Type: x.Type, Time: x.First.Time, Actor: gen.Actor{Kind: x.First.Actor.Kind, ID: x.First.Actor.ID}, Outcome: gen.TraceCommandOutcomeAccepted,
			Events: make([]gen.TraceEvent, len(x.Events))}
		for k, e := range x.Events {
			c.Events[k] = gen.TraceEvent{ID: e.ID, Type: e.Type, Oseq: e.Oseq, Subject: e.Subject, Time: e.Time, Commands: tracedCommands(e.Commands)}
		}
		switch x.Events[len(x.Events)-1].Payload.(type) { // which an answer goes by, see es.AnswerOf
		case es.CommandNoop:
			c.Outcome = gen.TraceCommandOutcomeNothingToDo
		case es.Refusing:
			c.Outcome = gen.TraceCommandOutcomeRefused
		}
		out[i] = c
	}
	return out
}
