package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"outrider/internal/es"
	"outrider/internal/identity"
)

// Names of headers.
const (
	headerRequestID   = "X-Request-Id"
	headerPosition    = "Outrider-Position"
	headerIdempotency = "Idempotency-Key"
)

// asFile keeps a browser that is led to an answer from showing it as a page.
const asFile = `attachment; filename="api.json"`

// call is one request on its way through the server. Strings of it may be kept: the server copies them.
type call struct {
	*fiber.Ctx
	ctx     context.Context //nolint:containedctx // of the request; fiber's own one is reused
	route   *Route
	op      *operation
	who     identity.Principal
	request uuid.UUID // its id, and the correlation id of what it causes

	passedProxy bool // it came through a proxy of ours

	trace string // parent of what it causes; empty = nobody traces here
	batch string // likewise of the batch that its hit was posted in

	query    map[string]any // checked
	body     *body
	raw      []byte      // the body
	json     any         // the body, checked
	position es.Position // of the last write
	tokens   *positionTokens
	code     string // of the problem, for the log
}

// actorOf is who the log says it was.
func (c *call) actorOf() es.Actor {
	if c.who.Platform {
		return es.Actor{Kind: es.ActorOperator, ID: c.who.KeyID.String()}
	}
	if c.who.Operator != uuid.Nil {
		return es.Actor{Kind: es.ActorOperator, ID: c.who.Operator.String()}
	}
	if c.who.Person != uuid.Nil {
		return es.Actor{Kind: es.ActorPerson, ID: c.who.Person.String()}
	}
	return es.Actor{Kind: es.ActorAPIKey, ID: c.who.KeyID.String()}
}

// pathID is the {id} of the path. What isn't a UUID can't exist.
func (c *call) pathID() (uuid.UUID, error) {
	id, err := parseID(c.Params("id"))
	if err != nil {
		return uuid.Nil, notFoundProblem()
	}
	return id, nil
}

// textParam and number are checked query parameters.
func (c *call) textParam(name string) string { s, _ := c.query[name].(string); return s }

func (c *call) numberParam(name string, fallback int) int {
	if n, ok := c.query[name].(float64); ok {
		return int(n)
	}
	return fallback
}

// boolParam is a checked query parameter; nil when it is absent.
func (c *call) boolParam(name string) *bool {
	if b, ok := c.query[name].(bool); ok {
		return &b
	}
	return nil
}

// uuidParam is a checked query parameter; Nil when it is absent.
func (c *call) uuidParam(name string) (id uuid.UUID) {
	if text := c.textParam(name); text != "" {
		id = uuid.MustParse(text)
	}
	return id
}

// ifVersion is the version of If-Match; nil = any.
func (c *call) ifVersion() (*int, error) {
	tag := c.Get(fiber.HeaderIfMatch)
	if tag == "" || tag == "*" {
		return nil, nil // any version will do
	}
	if len(tag) > 2 && tag[0] == '"' && tag[len(tag)-1] == '"' {
		if n, err := strconv.Atoi(tag[1 : len(tag)-1]); err == nil && n >= 0 {
			return &n, nil
		}
	}
	return nil, malformedProblem(`If-Match must be an ETag of this resource, like "3"`)
}

// answerVersioned answers with a resource and its version.
func (c *call) answerVersioned(v any, version int) error {
	c.Set(fiber.HeaderETag, `"`+strconv.Itoa(version)+`"`)
	return c.answerJSON(http.StatusOK, v)
}

// answerCreated answers with a new resource; version 0 = it has none.
func (c *call) answerCreated(v any, location string, version int) error {
	c.Set(fiber.HeaderLocation, location)
	if version > 0 {
		c.Set(fiber.HeaderETag, `"`+strconv.Itoa(version)+`"`)
	}
	return c.answerJSON(http.StatusCreated, v)
}

// answerNothing answers a write that has nothing to show.
func (c *call) answerNothing() error {
	c.setPosition()
	c.Status(http.StatusNoContent)
	return nil
}

// setPosition says where the last write is; without it the answer is as good.
func (c *call) setPosition() {
	if c.position.Pseq <= 0 {
		return
	}
	if token, err := c.tokens.seal(c.ctx, c.position); err == nil {
		c.Set(headerPosition, token)
	}
}

func (c *call) answerJSON(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	if body, err = c.maskAnswer(status, body); err != nil {
		return err
	}
	c.setPosition()
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderContentDisposition, asFile)
	c.Status(status)
	return c.sendCompressed(body)
}

// sendCompressed sends a body, compressed where that is worth it. Keys come in a header, never by themselves, so a compressed
// answer returns nobody a way to guess at it.
func (c *call) sendCompressed(body []byte) error {
	if len(body) > 4<<10 {
		c.Vary(fiber.HeaderAcceptEncoding)
		if c.Request().Header.HasAcceptEncoding("gzip") {
			c.Set(fiber.HeaderContentEncoding, "gzip")
			body = fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestSpeed)
		}
	}
	return c.Send(body)
}
