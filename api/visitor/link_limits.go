package visitor

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/app/tracking"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/linktoken"
)

// What a link may cost, whoever has it. Opting out has no bound of uses: it must work whenever it is asked for, so what is bounded is
// what a repeat costs.
const (
	asksPerHour = 20     // commands of one kind about a message that are decided in an hour, by however many processes
	postsOf     = 20     // booking forms of a link in an hour that this process takes
	usesPerHour = 100    // looks at a page, and redirects of a link, in an hour of this process
	maxLinks    = 65_536 // of which something is remembered
)

// linkUse is what is counted.
type linkUse struct {
	tracking.MessageKey
	kind linktoken.TokenKind
	link uint16
}

// limitUse counts a use of a link; forms are counted apart.
func (h *Handlers) limitUse(t linktoken.Token, kind linktoken.TokenKind, post bool) error {
	uses := h.uses
	if post {
		uses = h.posts
	}
	if ok, retry := uses.Take(linkUse{messageOfToken(t), kind, t.Link}, h.cfg.Now()); !ok {
		return &LimitError{retry}
	}
	return nil
}

// askedFor is what a link has asked for in an hour.
type askedFor struct {
	message uuid.UUID
	what    string
	hour    int64
}

// asked is how often that was decided, and what was answered the last time.
type asked struct {
	times       int
	answer      es.Answer
	fingerprint uint64
}

// request is what a visitor wants decided.
type request struct {
	token       linktoken.Token
	lead        uuid.UUID // who asks: the person that the message was for
	what        string
	fingerprint uint64 // tells requests for different things apart; 0 = there is one only
	seen        int64  // how far the read model was that doesn't show it as done
	holds       bool   // a decision that the read model has seen is good, whatever it shows
	cmd         commands.Command
}

// decideOnce has a command decided whose id follows from the message and what is asked, so that repeats leave nothing in the log.
// The read model has said that it isn't done; a decision that it had seen by then was a refusal, or was undone, and is asked for again under the
// next id. There are asksPerHour of those, the same in all processes.
func (h *Handlers) decideOnce(ctx context.Context, c *Call, r request) (es.Answer, error) {
	now := h.cfg.Now()
	of := askedFor{r.token.Message, r.what, now.Unix() / 3600}
	known, ok := h.decided.Get(of)
	if ok && known.fingerprint == r.fingerprint && (r.holds && known.answer.Outcome != es.Refused || known.answer.Pseq > r.seen) {
		return h.answered(c, known.answer), nil
	}
	for n := known.times; n < asksPerHour; n++ {
		id := es.DeriveID(r.token.Message, r.what, strconv.FormatInt(of.hour, 10), strconv.Itoa(n))
		a, err := h.decideCommand(ctx, c, id, r)
		if err != nil {
			return a, err
		}
		if a.Code == es.CodeKeyReused { // something else was asked for under this id
			continue
		}
		h.decided.Add(of, asked{n, a, r.fingerprint})
		if a.Pseq > r.seen || r.holds && a.Outcome != es.Refused {
			return a, nil
		}
	}
	return es.Answer{}, &LimitError{time.Unix((of.hour+1)*3600, 0).Sub(now)}
}

// decideCommand sends a visitor's command until it is decided.
func (h *Handlers) decideCommand(ctx context.Context, c *Call, id uuid.UUID, r request) (es.Answer, error) {
	kind, data, err := commands.Encode(r.cmd)
	if err != nil {
		return es.Answer{}, err
	}
	actor := es.Actor{Kind: es.ActorPerson, ID: r.lead.String()}
	origin, err := h.cfg.SealOrigin(ctx, r.token.Org, actor, c.IP())
	if err != nil {
		return es.Answer{}, err
	}
	sent := &es.Command{ID: id, Type: kind, Org: r.token.Org, Time: h.cfg.Now().UTC().Truncate(time.Microsecond), Actor: actor, Fingerprint: r.fingerprint,
		CorrelationID: c.RequestID, CausationID: c.RequestID, Origin: origin, Data: data}
	for {
		a, err := h.cfg.Submit(ctx, sent)
		if err == nil {
			return h.answered(c, a), nil
		}
		if !errors.Is(err, gateway.ErrPending) {
			return a, err
		}
		if err := context.Cause(ctx); err != nil {
			return a, err
		}
	}
}

// answered notes where the answer stands in the log.
func (h *Handlers) answered(c *Call, a es.Answer) es.Answer {
	c.Position = es.Position{Generation: h.cfg.Generation, Partition: a.Partition, Pseq: max(a.Pseq, c.Position.Pseq)}
	return a
}
