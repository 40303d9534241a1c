package api

import (
	"errors"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
)

func (s *Server) getOperation(c *call, id uuid.UUID) error {
	org, err := c.queryOrganization()
	if err != nil {
		return err
	}
	a, err := s.cfg.Commands.Ask(c.ctx, org, id)
	if errors.Is(err, gateway.ErrPending) {
		return &pendingCommand{id: id, org: org}
	}
	if err != nil {
		return err
	}
	if a.Outcome == es.Unknown {
		return notFoundProblem()
	}
	s.rememberPosition(c, a)
	return c.answerJSON(200, operationOf(a, c.request))
}

func operationOf(a es.Answer, request uuid.UUID) gen.Operation {
	out := gen.Operation{ID: a.CommandID, Subject: a.Subject, DecidedAt: a.Time}
	switch a.Outcome {
	case es.Refused:
		p := problemOfRefusal(a.Code, a.Detail)
		p.RequestID = request
		out.Status, out.Problem = gen.OperationStatusRefused, p.Problem
	case es.Noop:
		out.Status = gen.OperationStatusNothingToDo
	default:
		out.Status = gen.OperationStatusAccepted
		if len(a.Detail) > 0 {
			_ = es.Unmarshal(a.Detail, &out.Result) // an object, as AnswerDetail gives it
		}
	}
	return out
}
