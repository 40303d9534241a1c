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
	"outrider/internal/app/facts"
	"outrider/internal/app/models"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/evidence"
	"outrider/internal/llm"
	"outrider/internal/mail/compose"
	"outrider/internal/profile"
	"outrider/internal/template"
)

// Brief is what a message is written from, read at one moment.
type Brief struct {
	LeadID       uuid.UUID
	CampaignID   uuid.UUID
	LeadVersion  int // of the lead that Lead shows; 0 = not known
	Lead         profile.Profile
	Subject      string // Liquid, of the step's variant; "" answers in the thread of ReplyTo
	Body         string // Liquid
	ReplyTo      string // subject of the first message of the thread; "" when this is the first
	FollowUp     bool   // a message of the sequence comes before it
	Answers      bool   // a message of its thread was really sent, by the mailbox that sends this one
	System       map[string]any
	UseModel     bool // the campaign wants the language model to write
	Instructions string
	Refused      string // what becomes of a sentence that nothing carries; "" = the message waits for a person
	Facts        []evidence.Fact
	Previous     []string // sent before in this sequence, oldest first
}

// Briefs is the read side that the drafter needs. Brief must show the lead at least as it was at the event; it returns ErrGone when
// message or lead no longer exist.
type Briefs interface {
	Brief(ctx context.Context, org, message uuid.UUID) (Brief, error)
}

// Model writes, where an organisation has one; *models.Client is one.
type Model interface {
	Wanted(ctx context.Context, org uuid.UUID) (bool, error)
	Complete(ctx context.Context, org uuid.UUID, task string, r models.Request) (models.Answer, error)
}

// DrafterConfig is what the drafter needs.
type DrafterConfig struct {
	Briefs   Briefs
	Keys     sealedtext.Keyring
	Objects  sealedtext.Objects
	Commands reaction.Commander
	Model    Model // nil = templates only
	Await    reaction.Await
	Now      func() time.Time
}

// Drafter drafts messages that were requested.
type Drafter struct {
	DrafterConfig

	templates template.Shelf
}

// NewDrafter returns a drafter, or an error that names what is missing.
func NewDrafter(c DrafterConfig) (*Drafter, error) {
	if err := (reaction.Required{"briefs": c.Briefs != nil, "keys": c.Keys != nil, "commands": c.Commands != nil, "now": c.Now != nil}).Check("drafter"); err != nil {
		return nil, err
	}
	return &Drafter{DrafterConfig: c}, nil
}

// Reactor returns how it is run.
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

// errStale makes the router try again later: the read side doesn't show the lead's change yet.
var errStale = errors.New("the lead changes faster than its message is written")

func (w *Drafter) draftMessage(ctx context.Context, e *es.Event, message uuid.UUID) error {
	if err := w.Await.ForMessage(ctx, e); err != nil {
		return fmt.Errorf("write %s: %w", message, err)
	}
	if w.Model != nil {
		wanted, err := w.Model.Wanted(ctx, e.Org)
		if err == nil && wanted {
			err = w.Await.For(ctx, e, "facts", "research", "claims", "ai")
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", message, err)
		}
	}
	for range maxDraftAttempts {
		brief, err := w.Briefs.Brief(ctx, e.Org, message)
		if errors.Is(err, reaction.ErrGone) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", message, err)
		}
		c, err := w.draftCommand(ctx, e, message, brief)
		if errors.Is(err, reaction.ErrGone) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", message, err)
		}
		// The version is part of the id, and so are the facts: a draft from a newer lead is another command, the same one again is not.
		id := es.DeriveID(e.ID, "react", "write", strconv.Itoa(brief.LeadVersion))
		if said, ok := c.(commands.DraftWithEvidence); ok {
			id = es.DeriveID(id, "facts", fmt.Sprint(said.Evidence.FactIDs))
		}
		a, err := reaction.Submit(ctx, w.Commands, reaction.CausedBy(e, "write"), id, w.Now(), c)
		if err != nil {
			return fmt.Errorf("write %s: %w", message, err)
		}
		if a.Outcome != es.Refused || a.Code != commands.CodeVersionConflict {
			return nil // drafted or held, or no longer wanted
		}
	}
	return fmt.Errorf("write %s: %w", message, errStale)
}

// draftCommand returns the command with the draft, or with why there is none.
func (w *Drafter) draftCommand(ctx context.Context, e *es.Event, message uuid.UUID, b Brief) (commands.Command, error) {
	// Never a new key: an erased person gets no more mail.
	found, err := w.Keys.Existing(ctx, e.Org, []uuid.UUID{b.LeadID})
	if err != nil {
		return nil, err
	}
	key, ok := found[b.LeadID]
	if !ok {
		return nil, reaction.ErrGone
	}
	values := b.Lead.Values()
	maps.Copy(values, b.System) // nothing hides what the product adds
	request := llm.Request{Instructions: b.Instructions, Previous: b.Previous, Subject: b.Subject, Body: b.Body, Variables: values, Seed: seedOf(message)}
	text, err := llm.Templates{Shelf: &w.templates}.Write(ctx, request)
	var judged *facts.Report
	if w.Model != nil && b.UseModel && err == nil {
		if text, judged, err = w.writeWithModel(ctx, e, message, b, request, text); err != nil {
			return nil, err
		}
	}
	text.Subject, text.Body = b.subjectOf(profile.CleanLine(text.Subject)), profile.CleanText(text.Body)
	hold := commands.HoldMessage{MessageID: message, LeadVersion: b.LeadVersion}
	var missing *template.MissingError
	switch {
	case errors.As(err, &missing):
		hold.Reason, hold.Missing = "missing_variable", []string{missing.Name}
		return hold, nil
	case err != nil && ctx.Err() != nil:
		return nil, err
	case errors.Is(err, template.ErrTooLong):
		hold.Reason = events.HeldUnsendable + "the text is too long"
		return hold, nil
	case err != nil: // a template that passed the launch can't be filled in; the error may contain personal data
		hold.Reason = "unsafe"
		return hold, nil //nolint:nilerr // it is held, which is the answer
	case compose.IsBlank(text.Subject):
		hold.Reason = events.HeldUnsendable + "the subject is blank"
		return hold, nil
	case compose.IsBlank(text.Body):
		hold.Reason = events.HeldUnsendable + "the text is blank"
		return hold, nil
	}
	draft := events.Draft{Writer: events.WriterTemplate, Model: text.Model, Fallback: text.FallbackReason != "", CostMicros: text.CostMicroUSD, Variables: w.variablesOf(b.Subject, b.Body)}
	if draft.Subject, err = sealedtext.Seal(key, sealedtext.SubjectField, text.Subject); err != nil {
		return nil, err
	}
	if draft.Body, draft.BodyRef, err = sealedtext.SealBody(ctx, w.Objects, key, text.Body); err != nil {
		return nil, err
	}
	if judged == nil {
		return commands.DraftMessage{MessageID: message, LeadVersion: b.LeadVersion, Draft: draft}, nil
	}
	draft.Writer = events.WriterLLM
	c := commands.DraftWithEvidence{MessageID: message, LeadVersion: b.LeadVersion, Draft: draft}
	if c.Evidence, err = judged.Evidence(key); err != nil {
		return nil, err
	}
	c.Evidence.Model, c.Evidence.PromptHash, c.Evidence.Seed = text.Model, text.PromptHash, request.Seed
	c.Evidence.InputTokens, c.Evidence.OutputTokens, c.Evidence.CostMicros = text.InputTokens, text.OutputTokens, text.CostMicroUSD
	return c, nil
}

// subjectOf returns the subject of a message whose template gave written: that of its thread when it has none of its own. "Re:" comes
// before it only when it answers a message that was sent.
func (b Brief) subjectOf(written string) string {
	if strings.TrimSpace(b.Subject) == "" && b.ReplyTo != "" {
		written = b.ReplyTo
		if b.Answers {
			written = compose.ReplySubject(b.ReplyTo)
		}
	}
	if b.FollowUp && !b.Answers {
		written = compose.WithoutReply(written)
	}
	return written
}

// variablesOf returns the variables of both templates, sorted. A template that can't be parsed uses none.
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
