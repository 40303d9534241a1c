// Package writing drafts messages.
package writing

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/llm"
	"outrider/internal/profile"
	"outrider/internal/template"
)

// Brief is what a message is written from, read at one moment.
type Brief struct {
	LeadID       uuid.UUID
	LeadVersion  int // of the lead that Lead shows; 0 = not known
	Lead         profile.Profile
	Subject      string // Liquid, of the step's variant; "" answers in the thread of ReplyTo
	Body         string // Liquid
	ReplyTo      string // subject of the first message of the thread; "" when this is the first
	System       map[string]any
	UseModel     bool // the campaign asks for the language model
	Instructions string
	Facts        []llm.Fact
	Previous     []string // sent before in this sequence, oldest first
}

// Briefs is the read side that the writer needs. Brief must show the lead at least as it was at the event; ErrGone where
// message or lead are no more.
type Briefs interface {
	Brief(ctx context.Context, org, message uuid.UUID) (Brief, error)
}

// DrafterConfig is what the drafter works with.
type DrafterConfig struct {
	Briefs   Briefs
	Keys     sealedtext.Keyring
	Objects  sealedtext.Objects
	Commands reaction.Commander
	Model    llm.Writer // nil: templates only. It falls back on them by itself
	Await    reaction.Await
	Now      func() time.Time
}

// Drafter drafts messages that were requested.
type Drafter struct {
	DrafterConfig

	templates template.Shelf
}

// NewDrafter makes a drafter; an error names what is missing.
func NewDrafter(c DrafterConfig) (*Drafter, error) {
	if err := (reaction.Required{"briefs": c.Briefs != nil, "keys": c.Keys != nil, "commands": c.Commands != nil, "now": c.Now != nil}).Check("drafter"); err != nil {
		return nil, err
	}
	return &Drafter{DrafterConfig: c}, nil
}

// Reactor is how it is run.
func (w *Drafter) Reactor() react.Reactor {
	return react.Reactor{Name: "write", Wants: reaction.WantEvents(events.MessageRequested{}, events.MessageRedraftRequested{}), Concurrency: 256, Handle: w.handleRequested}
}

func (w *Drafter) handleRequested(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.MessageRequested:
		return nil, w.draftMessage(ctx, e, p.MessageID)
	case events.MessageRedraftRequested:
		return nil, w.draftMessage(ctx, e, p.MessageID)
	}
	return nil, nil
}

// maxDraftAttempts is how often a lead may change while its message is being written.
const maxDraftAttempts = 5

// errStale asks the router for another, later try: the read side is behind the lead's change.
var errStale = errors.New("the lead changes faster than its message is written")

func (w *Drafter) draftMessage(ctx context.Context, e *es.Event, message uuid.UUID) error {
	if err := w.Await.ForMessage(ctx, e); err != nil {
		return fmt.Errorf("write %s: %w", message, err)
	}
	for range maxDraftAttempts {
		brief, err := w.Briefs.Brief(ctx, e.Org, message)
		if errors.Is(err, reaction.ErrGone) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", message, err)
		}
		c, err := w.draftCommand(ctx, e.Org, message, brief)
		if errors.Is(err, reaction.ErrGone) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", message, err)
		}
		// The version is part of the id: a draft from a newer lead is another command, the same one again is not.
		id := es.DeriveID(e.ID, "react", "write", strconv.Itoa(brief.LeadVersion))
		a, err := reaction.Submit(ctx, w.Commands, reaction.CausedBy(e, "write"), id, w.Now(), c)
		if err != nil {
			return fmt.Errorf("write %s: %w", message, err)
		}
		if a.Outcome != es.Refused || a.Code != commands.CodeVersionConflict {
			return nil // drafted or held, or nobody wants it any more
		}
	}
	return fmt.Errorf("write %s: %w", message, errStale)
}

// draftCommand is the draft, or why there is none.
func (w *Drafter) draftCommand(ctx context.Context, org, message uuid.UUID, b Brief) (commands.Command, error) {
	// Never a new key: who was erased gets no more mail.
	found, err := w.Keys.Existing(ctx, org, []uuid.UUID{b.LeadID})
	if err != nil {
		return nil, err
	}
	key, ok := found[b.LeadID]
	if !ok {
		return nil, reaction.ErrGone
	}
	values := b.Lead.Values()
	maps.Copy(values, b.System) // what the product adds, nothing hides
	request := llm.Request{Instructions: b.Instructions, Facts: b.Facts, Previous: b.Previous, Subject: b.Subject, Body: b.Body, Variables: values}
	var writer llm.Writer = llm.Templates{Shelf: &w.templates}
	if w.Model != nil && b.UseModel {
		writer = llm.WithFallback(w.Model, writer)
	}
	text, err := writer.Write(ctx, request)
	if strings.TrimSpace(b.Subject) == "" && b.ReplyTo != "" {
		text.Subject = replySubject(b.ReplyTo)
	}
	hold := commands.HoldMessage{MessageID: message, LeadVersion: b.LeadVersion}
	var missing *template.MissingError
	switch {
	case errors.As(err, &missing):
		hold.Reason, hold.Missing = "missing_variable", []string{missing.Name}
		return hold, nil
	case err != nil && ctx.Err() != nil:
		return nil, err
	case err != nil: // a template that the launch gate let pass can't be filled in: too long, for one
		hold.Reason = "unsafe"
		return hold, nil //nolint:nilerr // it is held, which is the answer
	case text.Subject == "" || text.Body == "":
		hold.Reason = "unsafe"
		return hold, nil
	}
	c := commands.DraftMessage{MessageID: message, LeadVersion: b.LeadVersion, Draft: events.Draft{Writer: "template", Model: text.Model,
		Fallback: text.FallbackReason != "", CostMicros: text.CostMicroUSD, Variables: w.variablesOf(b.Subject, b.Body)}}
	if text.Model != "" && text.FallbackReason == "" {
		c.Writer = "llm"
	}
	if c.Subject, err = sealedtext.Seal(key, sealedtext.SubjectField, text.Subject); err != nil {
		return nil, err
	}
	c.Body, c.BodyRef, err = sealedtext.SealBody(ctx, w.Objects, key, text.Body)
	return c, err
}

// replySubject is how mail programs answer in a thread.
func replySubject(first string) string {
	if len(first) >= 3 && strings.EqualFold(first[:3], "re:") {
		return first
	}
	return "Re: " + first
}

// variablesOf names the variables of both templates, sorted. What can't be parsed uses none.
func (w *Drafter) variablesOf(sources ...string) []string {
	var out []string
	for _, s := range sources {
		if t, err := w.templates.Parse(s); err == nil {
			out = append(out, t.Variables()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
