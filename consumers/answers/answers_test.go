package answers

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/answers"
	"outrider/internal/app/models"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/llm"
	"outrider/projections"
)

// answering is an answerer with one mail to answer, and what is known of it.
type answering struct {
	*reactortest.Boundary
	reactortest.Ring
	org, lead, mail uuid.UUID
	known           Mail
	err             error
	model           error // what asking it comes to; nil = there is none
	about           events.SentMessageRef
}

func (a *answering) AnsweredMail(context.Context, uuid.UUID, uuid.UUID, uuid.UUID) (Mail, error) {
	return a.known, a.err
}

func (a *answering) Wanted(context.Context, uuid.UUID) (bool, error) { return true, nil }

func (a *answering) Complete(context.Context, uuid.UUID, string, models.Request) (models.Answer, error) {
	return models.Answer{}, a.model
}

func setupAnswering(t *testing.T) *answering {
	t.Helper()
	a := &answering{Boundary: &reactortest.Boundary{}, org: es.NewID(), lead: es.NewID(), mail: es.NewID()}
	a.about = events.SentMessageRef{MessageID: es.NewID(), LeadID: a.lead, CampaignID: es.NewID(), MailboxID: es.NewID()}
	a.known = Mail{Situation: answers.Situation{Question: "Could we meet?", FirstName: "Bob", Sender: "Jane", BookingLink: "https://acme.test/b/x"}, LeadID: a.lead, CampaignID: a.about.CampaignID, MailboxID: a.about.MailboxID,
		Subject: "A question", From: reactortest.Bob, ByItself: []string{events.MeansMeetingRequest}}
	return a
}

func (a *answering) hear(t *testing.T, what events.Event) ([]commands.DraftAnswer, error) {
	t.Helper()
	c := Config{Mails: a, Keys: a.Ring, Hashes: reactortest.Hashes{}, Commands: a.Boundary, Now: reactortest.Noon}
	if a.model != nil {
		c.Model = a
	}
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Reactor().Handle(t.Context(), reactortest.Fact(t, a.org, what))
	return reactortest.Of[commands.DraftAnswer](t, a.Boundary), err
}

func (a *answering) replied(meaning string, confidence int) events.MessageReplied {
	return events.MessageReplied{SentMessageRef: a.about, Mail: events.Mail{MailID: a.mail, ReceivedAt: reactortest.Noon()}, From: events.FromLead, Meaning: meaning, Judged: events.Judged{Confidence: confidence}}
}

func (a *answering) text(t *testing.T, d commands.DraftAnswer) string {
	t.Helper()
	text, err := sealedtext.Open(reactortest.KeyOf(a.org, a.lead), projections.AnswerField, d.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnAnswerIsDraftedAndSentOnlyWhereNoPersonNeedLook(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		heard func(a *answering) events.Event
		know  func(a *answering)
		sent  bool
	}{
		"a sure request":                  {func(a *answering) events.Event { return a.replied(events.MeansMeetingRequest, 95) }, nil, true},
		"one that isn't sure":             {func(a *answering) events.Event { return a.replied(events.MeansMeetingRequest, events.SureEnough-1) }, nil, false},
		"without times to choose":         {func(a *answering) events.Event { return a.replied(events.MeansMeetingRequest, 95) }, func(a *answering) { a.known.BookingLink = "" }, false},
		"of a meaning that people answer": {func(a *answering) events.Event { return a.replied(events.MeansInterested, 95) }, nil, false},
		"where nobody has said so":        {func(a *answering) events.Event { return a.replied(events.MeansMeetingRequest, 95) }, func(a *answering) { a.known.ByItself = nil }, false},
		"from nowhere":                    {func(a *answering) events.Event { return a.replied(events.MeansMeetingRequest, 95) }, func(a *answering) { a.known.From = "" }, false},
		"of a colleague of theirs": {func(a *answering) events.Event {
			r := a.replied(events.MeansMeetingRequest, 95)
			r.From = events.FromCompany
			return r
		}, nil, false},
		"that a person has looked at": {func(a *answering) events.Event {
			return events.ReplyReclassified{SentMessageRef: a.about, MailID: a.mail, From: events.FromLead, Meaning: events.MeansMeetingRequest}
		}, nil, false},
		"while the model fails": {func(a *answering) events.Event { return a.replied(events.MeansInterested, 95) }, func(a *answering) { a.model = &llm.Error{Reason: llm.Invalid, Err: errors.New("no")} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := setupAnswering(t)
			if x.know != nil {
				x.know(a)
			}
			heard := x.heard(a)
			got, err := a.hear(t, heard)
			if err != nil || len(got) != 1 {
				t.Fatalf("got %+v, %v", got, err)
			}
			d := got[0]
			if d.MailID != a.mail || d.ThreadID != events.ThreadID(a.org, a.lead, a.about.CampaignID) || d.Writer != events.WriterTemplate || (d.Send != nil) != x.sent {
				t.Errorf("sent %v: %+v", d.Send != nil, d)
			}
			if text := a.text(t, d); !strings.HasPrefix(text, "Hello Bob,\n\n") || !strings.HasSuffix(text, "Jane") {
				t.Errorf("it says %q", text)
			}
			if x.sent && (d.Send.MailboxID != a.about.MailboxID || d.Send.UndoSeconds != undoSeconds || d.Send.To.IsZero() || d.Send.Body.IsZero()) {
				t.Errorf("it sends %+v", d.Send)
			}
		})
	}
}

func TestNothingIsDraftedWhereNothingIsAnswered(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		heard func(a *answering) events.Event
		know  func(a *answering)
	}{
		"who is hostile":      {func(a *answering) events.Event { return a.replied(events.MeansHostile, 95) }, nil},
		"who opts out":        {func(a *answering) events.Event { return a.replied(events.MeansUnsubscribe, 95) }, nil},
		"who was erased":      {func(a *answering) events.Event { return a.replied(events.MeansInterested, 95) }, func(a *answering) { a.Erased = map[uuid.UUID]bool{a.lead: true} }},
		"a mail that is gone": {func(a *answering) events.Event { return a.replied(events.MeansInterested, 95) }, func(a *answering) { a.err = reaction.ErrGone }},
		"a model that forgot": {func(a *answering) events.Event { return a.replied(events.MeansInterested, 95) }, func(a *answering) { a.model = models.ErrGone }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := setupAnswering(t)
			if x.know != nil {
				x.know(a)
			}
			if got, err := a.hear(t, x.heard(a)); err != nil || len(got) != 0 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// What is known changes while it is written: it is written again, so often and no more.
func TestADraftOfWhatDoesNotHoldIsWrittenAgain(t *testing.T) {
	t.Parallel()
	a := setupAnswering(t)
	refusals := 1
	a.Decide = func(c *es.Command) es.Answer {
		if refusals--; refusals >= 0 {
			return es.Answer{CommandID: c.ID, Outcome: es.Refused, Code: commands.CodeVersionConflict}
		}
		return es.Answer{CommandID: c.ID, Outcome: es.Accepted}
	}
	if got, err := a.hear(t, a.replied(events.MeansInterested, 95)); err != nil || len(got) != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
	refusals = 100
	if _, err := a.hear(t, a.replied(events.MeansInterested, 95)); !errors.Is(err, errChanging) {
		t.Errorf("it ends with %v", err)
	}
	a.Decide = nil
	r, err := New(Config{Mails: a, Keys: a.Ring, Hashes: reactortest.Hashes{}, Commands: a.Boundary, Now: reactortest.Noon})
	if err != nil {
		t.Fatal(err)
	}
	before, e := len(a.Submitted), reactortest.Fact(t, a.org, a.replied(events.MeansInterested, 95))
	for range 2 { // the event comes again
		if _, err := r.Reactor().Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(a.Submitted) - before; n != 1 {
		t.Errorf("an event makes %d commands", n)
	}
}
