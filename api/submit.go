package api

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
)

// Gateway sends commands; *gateway.Gateway is one.
type Gateway interface {
	Submit(ctx context.Context, c *es.Command) (es.Answer, error)
	Ask(ctx context.Context, org, command uuid.UUID) (es.Answer, error)
	Post(ctx context.Context, c *es.Command) error
}

var traceParent = regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// newCommand is the envelope of a request's only command.
func (s *Server) newCommand(in *writeRequest) es.Command {
	c := es.Command{ID: in.id, Org: in.org, Time: s.cfg.Now().UTC().Truncate(time.Microsecond), Actor: in.actorOf(), Fingerprint: in.fingerprint,
		CorrelationID: in.request, CausationID: in.request, Origin: in.origin}
	if c.TraceParent = in.trace; c.TraceParent == "" {
		if t := in.Get("traceparent"); traceParent.MatchString(t) {
			c.TraceParent = t
		}
	}
	return c
}

// submitCommand sends a request's only command.
func (s *Server) submitCommand(in *writeRequest, cmd commands.Command) (es.Answer, error) {
	return s.sendCommand(in, in.id, cmd)
}

// submitPart sends one of several commands of a request.
func (s *Server) submitPart(in *writeRequest, part string, cmd commands.Command) (es.Answer, error) {
	return s.sendCommand(in, es.DeriveID(in.id, part), cmd)
}

// sendCommand returns the answer to an accepted command (or one with nothing to do); a refusal is a problem.
func (s *Server) sendCommand(in *writeRequest, id uuid.UUID, cmd commands.Command) (es.Answer, error) {
	c := s.newCommand(in)
	c.ID = id
	var err error
	if c.Type, c.Data, err = commands.Encode(cmd); err != nil {
		return es.Answer{}, err
	}
	a, err := s.cfg.Commands.Submit(in.ctx, &c)
	return s.checkAnswer(in, id, a, err)
}

func (s *Server) checkAnswer(in *writeRequest, id uuid.UUID, a es.Answer, err error) (es.Answer, error) {
	if errors.Is(err, gateway.ErrPending) {
		return a, &pending{id: id, org: in.org}
	}
	if err != nil {
		return a, err
	}
	in.rememberPosition(s, a)
	if a.Outcome == es.Refused {
		return a, problemOfRefusal(a.Code, a.Detail)
	}
	return a, nil
}

func (c *call) rememberPosition(s *Server, a es.Answer) {
	c.position = es.Position{Generation: s.cfg.Generation, Partition: a.Partition, Pseq: max(a.Pseq, c.position.Pseq)}
}

// pending reports that a command isn't decided in time; it becomes 202.
type pending struct {
	id, org uuid.UUID
	token   string // of the API key that is being issued
}

func (p *pending) Error() string { return "command " + p.id.String() + " is not decided yet" }

func (p *pending) answerPending(c *call) error {
	location := "/v1/operations/" + p.id.String()
	if c.who.Platform {
		location += "?organization_id=" + p.org.String()
	}
	c.Set(fiber.HeaderLocation, location)
	c.Set(fiber.HeaderRetryAfter, "1")
	return c.answerJSON(http.StatusAccepted, gen.Operation{ID: p.id, Status: gen.OperationStatusPending, Token: p.token})
}
