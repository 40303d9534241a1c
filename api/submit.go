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
	"outrider/internal/pii"
)

// Gateway sends commands; *gateway.Gateway is one.
type Gateway interface {
	Submit(ctx context.Context, c *es.Command) (es.Answer, error)
	Ask(ctx context.Context, org, command uuid.UUID) (es.Answer, error)
	Post(ctx context.Context, c *es.Command) error
	TakeTurn(ctx context.Context, org uuid.UUID, bytes int) (with context.Context, release func(), err error)
}

// writeSide is what handlers write by: it makes commands of requests and sends them.
type writeSide struct {
	gateway    Gateway
	vault      *pii.Vault
	origins    *origins
	generation int32
	now        func() time.Time
}

var traceParent = regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// newCommand is the envelope of a request's only command.
func (w *writeSide) newCommand(in *writeRequest) es.Command {
	c := es.Command{ID: in.id, Org: in.org, Time: w.now().UTC().Truncate(time.Microsecond), Actor: in.actorOf(), Fingerprint: in.fingerprint,
		CorrelationID: in.request, CausationID: in.request, Origin: in.origin}
	if c.TraceParent = in.trace; c.TraceParent == "" {
		if t := in.Get("traceparent"); traceParent.MatchString(t) {
			c.TraceParent = t
		}
	}
	return c
}

// submitCommand sends a request's only command.
func (w *writeSide) submitCommand(in *writeRequest, cmd commands.Command) (es.Answer, error) {
	return w.sendCommand(in, in.id, cmd)
}

// submitOwn submits the only command of a request in the caller's organisation.
func (w *writeSide) submitOwn(c *call, cmd commands.Command) (es.Answer, error) {
	in, err := w.beginOwn(c)
	if err != nil {
		return es.Answer{}, err
	}
	return w.submitCommand(in, cmd)
}

// submitSilently submits a command that has nothing to show.
func (w *writeSide) submitSilently(c *call, cmd commands.Command) error {
	if _, err := w.submitOwn(c, cmd); err != nil {
		return err
	}
	return c.answerNothing()
}

// submitPart sends one of several commands of a request.
func (w *writeSide) submitPart(in *writeRequest, part string, cmd commands.Command) (es.Answer, error) {
	return w.sendCommand(in, es.DeriveID(in.id, part), cmd)
}

// sendCommand returns the answer to an accepted command (or one with nothing to do); a refusal is a problem.
func (w *writeSide) sendCommand(in *writeRequest, id uuid.UUID, cmd commands.Command) (es.Answer, error) {
	c := w.newCommand(in)
	c.ID = id
	var err error
	if c.Type, c.Data, err = commands.Encode(cmd); err != nil {
		return es.Answer{}, err
	}
	a, err := w.gateway.Submit(in.ctx, &c)
	return w.checkAnswer(in, id, a, err)
}

func (w *writeSide) checkAnswer(in *writeRequest, id uuid.UUID, a es.Answer, err error) (es.Answer, error) {
	if errors.Is(err, gateway.ErrPending) {
		return a, &pendingCommand{id: id, org: in.org}
	}
	if err != nil {
		return a, err
	}
	w.rememberPosition(in.call, a)
	if a.Outcome == es.Refused {
		return a, problemOfRefusal(a.Code, a.Detail)
	}
	return a, nil
}

// submitAside sends a command of which the caller doesn't ask: its position isn't in the answer.
func (w *writeSide) submitAside(in *writeRequest, part string, cmd commands.Command) error {
	before := in.position
	_, err := w.submitPart(in, part, cmd)
	in.position = before
	return err
}

// keyOfLead returns the key that a lead has. Whoever is erased has none, maybe before the read models say so: a new one would outlive
// their erasure.
func (w *writeSide) keyOfLead(in *writeRequest, lead uuid.UUID) (pii.Key, error) {
	keys, err := w.vault.Existing(in.ctx, in.org, []uuid.UUID{lead})
	if err != nil {
		return pii.Key{}, err
	}
	key, there := keys[lead]
	if !there {
		return key, notFoundProblem()
	}
	return key, nil
}

// rememberPosition lets the answer say where the last write is.
func (w *writeSide) rememberPosition(c *call, a es.Answer) {
	c.position = es.Position{Generation: w.generation, Partition: a.Partition, Pseq: max(a.Pseq, c.position.Pseq)}
}

// pendingCommand reports that a command isn't decided in time; it becomes 202.
type pendingCommand struct {
	id, org uuid.UUID
	token   string // of the API key that is being issued
}

func (p *pendingCommand) Error() string { return "command " + p.id.String() + " is not decided yet" }

func (p *pendingCommand) answerPending(c *call) error {
	location := "/v1/operations/" + p.id.String()
	if c.who.Platform {
		location += "?organization_id=" + p.org.String()
	}
	c.Set(fiber.HeaderLocation, location)
	c.Set(fiber.HeaderRetryAfter, "1")
	return c.answerJSON(http.StatusAccepted, gen.Operation{ID: p.id, Status: gen.OperationStatusPending, Token: p.token})
}
