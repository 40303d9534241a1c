// Package answers drafts answers to mails of people, and has those sent that the organisation has answered without a person.
package answers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/answers"
	"outrider/internal/app/leads"
	"outrider/internal/app/models"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/llm"
	"outrider/internal/mail/compose"
	"outrider/internal/pii"
	"outrider/projections"
)

// Mail is a mail of a person with all that an answer is written from.
type Mail struct {
	answers.Situation

	LeadID     uuid.UUID
	CampaignID uuid.UUID
	MailboxID  uuid.UUID // that it came to
	Subject    string
	From       string   // the address that an answer goes to
	ByItself   []string // meanings of mails that are answered without a person
}

// Mails is the read side that the answerer needs; it returns reaction.ErrGone for what is no more.
type Mails interface {
	AnsweredMail(ctx context.Context, org, thread, mail uuid.UUID) (Mail, error)
}

// Hashes are an organisation's keyed hashes; pii.Vault has them.
type Hashes interface {
	Hasher(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
}

// Model writes, where an organisation has one; *models.Client is one.
type Model interface {
	Wanted(ctx context.Context, org uuid.UUID) (bool, error)
	Complete(ctx context.Context, org uuid.UUID, task string, r models.Request) (models.Answer, error)
}

// Config is what the answerer needs.
type Config struct {
	Mails    Mails
	Keys     sealedtext.Keyring
	Hashes   Hashes
	Commands reaction.Commander
	Model    Model // nil = by rules only
	Await    reaction.Await
	Now      func() time.Time
}

// Answerer drafts answers.
type Answerer struct{ Config }

// New returns an answerer, or an error that names what is missing.
func New(c Config) (*Answerer, error) {
	if err := (reaction.Required{"mails": c.Mails != nil, "keys": c.Keys != nil, "hashes": c.Hashes != nil, "commands": c.Commands != nil, "now": c.Now != nil}).Check("answerer"); err != nil {
		return nil, err
	}
	return &Answerer{c}, nil
}

// Reactor returns how it is run.
func (a *Answerer) Reactor() react.Reactor {
	return react.Reactor{Name: "answer", Wants: reaction.WantEvents(events.MessageReplied{}, events.ReplyReclassified{}), Concurrency: 64, PerOrg: 8, Handle: a.handleReply}
}

// undoSeconds is how long an answer that no person wrote can be taken back.
const undoSeconds = 120

func (a *Answerer) handleReply(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.MessageReplied:
		sure := p.Confidence >= events.SureEnough && p.From != events.FromCompany
		return nil, a.draft(ctx, e, p.SentMessageRef, p.MailID, p.Meaning, sure)
	case events.ReplyReclassified: // a person has looked at it: they answer it
		return nil, a.draft(ctx, e, p.SentMessageRef, p.MailID, p.Meaning, false)
	}
	return nil, nil
}

// maxTries is how often what is known may change while an answer is written.
const maxTries = 3

var errChanging = errors.New("what may be said changes faster than the answer is written")

func (a *Answerer) draft(ctx context.Context, e *es.Event, about events.SentMessageRef, mail uuid.UUID, meaning string, sure bool) error {
	if mail == uuid.Nil || !answers.Answered(meaning) {
		return nil
	}
	if err := a.Await.For(ctx, e, "inbox", "leads", "facts", "research", "claims", "answers", "booking", "mailboxes"); err != nil {
		return fmt.Errorf("answer %s: %w", mail, err)
	}
	thread := events.ThreadID(e.Org, about.LeadID, about.CampaignID)
	for try := range maxTries {
		c, err := a.command(ctx, e, thread, mail, meaning, sure)
		if errors.Is(err, reaction.ErrGone) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("answer %s: %w", mail, err)
		}
		answer, err := reaction.Submit(ctx, a.Commands, reaction.CausedBy(e, "answer"), es.DeriveID(e.ID, "react", "answer", fmt.Sprint(c.Evidence.FactIDs, try)), a.Now(), c)
		if err != nil {
			return fmt.Errorf("answer %s: %w", mail, err)
		}
		if answer.Outcome != es.Refused || answer.Code != commands.CodeVersionConflict {
			return nil
		}
	}
	return fmt.Errorf("answer %s: %w", mail, errChanging)
}

// command writes an answer by a model where there is one, else by rules.
func (a *Answerer) command(ctx context.Context, e *es.Event, thread, mail uuid.UUID, meaning string, sure bool) (c commands.DraftAnswer, err error) {
	m, err := a.Mails.AnsweredMail(ctx, e.Org, thread, mail)
	if err != nil {
		return c, err
	}
	found, err := a.Keys.Existing(ctx, e.Org, []uuid.UUID{m.LeadID}) // never a new one: an erased person gets no more mail
	if err != nil {
		return c, err
	}
	key, ok := found[m.LeadID]
	if !ok {
		return c, reaction.ErrGone
	}
	m.Meaning = meaning
	c = commands.DraftAnswer{ThreadID: thread, MailID: mail, Meaning: meaning, Writer: events.WriterTemplate}
	report := answers.Judge(m.Situation, answers.Compose(m.Situation), nil)
	var by llm.Draft
	if a.Model != nil && meaning != events.MeansMeetingRequest { // that is answered with the link, whoever writes
		judged, draft, err := a.askModel(ctx, e, m, mail)
		if err != nil {
			return c, err
		}
		if by = draft; judged.Text() != "" {
			report, c.Writer = judged, events.WriterLLM
		}
	}
	if c.Body, err = sealedtext.Seal(key, projections.AnswerField, report.Text()); err != nil {
		return c, err
	}
	if c.Evidence, err = report.Evidence(key); err != nil {
		return c, err
	}
	c.Evidence.Model, c.Evidence.PromptHash, c.Evidence.CostMicros, c.Evidence.InputTokens, c.Evidence.OutputTokens = by.Model, by.PromptHash, by.CostMicroUSD, by.InputTokens, by.OutputTokens
	if sure && m.BookingLink != "" && m.From != "" && c.Writer == events.WriterTemplate && slices.Contains(m.ByItself, meaning) {
		c.Send, err = a.response(ctx, e, m, key, report.Text())
	}
	return c, err
}

// response is the answer as it is sent.
func (a *Answerer) response(ctx context.Context, e *es.Event, m Mail, key pii.Key, text string) (*commands.WriteResponse, error) {
	h, err := a.Hashes.Hasher(ctx, e.Org)
	if err != nil {
		return nil, err
	}
	w := &commands.WriteResponse{ResponseID: es.DeriveID(e.ID, "answer"), MailboxID: m.MailboxID, UndoSeconds: undoSeconds}
	w.AddressHash, w.DomainHash, _ = leads.Hashes(h, m.From)
	for _, part := range []struct {
		to          *events.Sealed
		field, text string
	}{{&w.To, projections.AddressField, m.From}, {&w.Subject, projections.SubjectField, compose.ReplySubject(m.Subject)}, {&w.Body, projections.BodyField, text}} {
		if *part.to, err = sealedtext.Seal(key, part.field, part.text); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// askModel has a language model write an answer, and judges it; it says nothing where there is none, or it fails: the rules stand in.
func (a *Answerer) askModel(ctx context.Context, e *es.Event, m Mail, mail uuid.UUID) (report answers.Report, draft llm.Draft, err error) {
	if wanted, err := a.Model.Wanted(ctx, e.Org); err != nil || !wanted {
		return report, draft, err
	}
	request, ids := answers.Request(m.Situation, int(mail[13])<<8|int(mail[14]))
	prompt, err := llm.PromptFor(request)
	if err != nil {
		return report, draft, err
	}
	got, err := a.Model.Complete(ctx, e.Org, events.AITaskWrite, models.Request{ID: models.RequestID(e.ID, events.AITaskWrite, prompt), CampaignID: m.CampaignID, LeadID: m.LeadID, Prompt: prompt, Cause: models.CausedBy(e, "answer")})
	var failed *llm.Error
	switch {
	case errors.Is(err, models.ErrGone):
		return report, draft, reaction.ErrGone
	case errors.As(err, &failed):
		return report, llm.Draft{CostMicroUSD: failed.CostMicroUSD}, nil
	case err != nil:
		return report, draft, err
	}
	if draft, err = llm.DraftOf(got.Completion, request); err != nil { // a broken form: the rules stand in, and what it cost stands in the ledger
		return report, llm.Draft{}, nil //nolint:nilerr // as said
	}
	report = answers.Judge(m.Situation, draft.Paragraphs, ids)
	report.Answer = draft.Answer
	return report, draft, nil
}
