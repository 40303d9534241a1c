package writing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/llm"
	"outrider/internal/profile"
)

type briefs func() (Brief, error)

func (f briefs) Brief(context.Context, uuid.UUID, uuid.UUID) (Brief, error) { return f() }

type model func() (models.Answer, error)

func (model) Wanted(context.Context, uuid.UUID) (bool, error) { return true, nil }

func (f model) Complete(context.Context, uuid.UUID, string, models.Request) (models.Answer, error) {
	return f()
}

// writing is a writer with one message to write.
type writing struct {
	*Drafter
	*reactortest.Boundary
	org, lead uuid.UUID
	brief     Brief
	requested *es.Event
	ring      reactortest.Ring
}

func setupWriting(t *testing.T, p profile.Profile) *writing {
	t.Helper()
	w := &writing{Boundary: &reactortest.Boundary{}, org: es.NewID(), lead: es.NewID(), ring: reactortest.Ring{Erased: map[uuid.UUID]bool{}}}
	w.brief = Brief{LeadID: w.lead, LeadVersion: 3, Lead: p, Subject: "A question, {{ first_name }}",
		Body: "Hello {{ first_name }} of {{ industry }},\n\n{{ sender_name }}", System: map[string]any{"sender_name": "Jane"}}
	var err error
	if w.Drafter, err = NewDrafter(DrafterConfig{Briefs: briefs(func() (Brief, error) { return w.brief, nil }), Keys: w.ring, Commands: w.Boundary, Now: reactortest.Noon}); err != nil {
		t.Fatal(err)
	}
	w.requested = reactortest.Fact(t, w.org, events.MessageRequested{MessageRef: events.MessageRef{MessageID: es.NewID(), LeadID: w.lead}})
	return w
}

func (w *writing) run(t *testing.T) {
	t.Helper()
	if _, err := w.handleRequested(context.Background(), w.requested); err != nil {
		t.Fatal(err)
	}
}

func bob() profile.Profile {
	return profile.Profile{Email: "bob@example.com", FirstName: "Bob", Custom: map[string]string{"industry": "Glass"}}
}

func TestARequestedMessageIsDraftedUnderTheLeadsKeyOnce(t *testing.T) {
	t.Parallel()
	w := setupWriting(t, bob())
	w.run(t)
	w.run(t) // the event comes again
	got := reactortest.Of[commands.DraftMessage](t, w.Boundary)
	if len(got) != 1 || len(w.Submitted) != 1 {
		t.Fatalf("%d drafts of %d commands, want 1", len(got), len(w.Submitted))
	}
	key := reactortest.KeyOf(w.org, w.lead)
	subject, err := sealedtext.Open(key, sealedtext.SubjectField, got[0].Subject)
	body, err2 := sealedtext.Open(key, sealedtext.BodyField, got[0].Body)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if subject != "A question, Bob" || body != "Hello Bob of Glass,\n\nJane" {
		t.Errorf("wrote %q, %q", subject, body)
	}
	if d := got[0]; d.Writer != "template" || d.LeadVersion != 3 || !slices.Equal(d.Variables, []string{"first_name", "industry", "sender_name"}) {
		t.Errorf("draft %+v", d)
	}
	if _, err := sealedtext.Open(reactortest.KeyOf(w.org, es.NewID()), sealedtext.SubjectField, got[0].Subject); err == nil {
		t.Error("the text opens under another person's key")
	}
}

func TestAMessageIsHeldWithTheNameOfWhatTheLeadLacks(t *testing.T) {
	t.Parallel()
	p := bob()
	p.Custom = nil
	w := setupWriting(t, p)
	w.run(t)
	got := reactortest.Of[commands.HoldMessage](t, w.Boundary)
	if len(got) != 1 || got[0].Reason != "missing_variable" || !slices.Equal(got[0].Missing, []string{"industry"}) || got[0].LeadVersion != 3 {
		t.Errorf("held %+v", got)
	}
}

func TestWhoWasErasedIsWrittenNothing(t *testing.T) {
	t.Parallel()
	w := setupWriting(t, bob())
	w.ring.Erased[w.lead] = true
	w.run(t)
	if len(w.Submitted) != 0 {
		t.Errorf("%d commands", len(w.Submitted))
	}
}

func TestALeadThatChangedMeanwhileIsReadAgain(t *testing.T) {
	t.Parallel()
	w := setupWriting(t, bob())
	w.Decide = func(c *es.Command) es.Answer {
		if w.brief.LeadVersion == 3 {
			w.brief.LeadVersion = 4
			return es.Answer{Outcome: es.Refused, Code: commands.CodeVersionConflict}
		}
		return es.Answer{Outcome: es.Accepted}
	}
	w.run(t)
	if got := reactortest.Of[commands.DraftMessage](t, w.Boundary); len(got) != 2 || got[1].LeadVersion != 4 {
		t.Errorf("drafts %+v", got)
	}
}

func TestAModelsCostIsRecordedAlsoWhereTheTemplateStandsIn(t *testing.T) {
	t.Parallel()
	w := setupWriting(t, bob())
	w.brief.UseModel = true
	w.Model = model(func() (models.Answer, error) {
		return models.Answer{}, &llm.Error{Reason: llm.Invalid, CostMicroUSD: 12, Err: errors.New("no JSON")}
	})
	w.run(t)
	got := reactortest.Of[commands.DraftMessage](t, w.Boundary)
	if len(got) != 1 || got[0].Writer != "template" || !got[0].Fallback || got[0].CostMicros != 12 {
		t.Errorf("draft %+v", got)
	}
}

func TestAMessageIsWrittenAnewWhenThatIsAskedFor(t *testing.T) {
	t.Parallel()
	w := setupWriting(t, bob())
	w.run(t)
	w.requested = reactortest.Fact(t, w.org, events.MessageRedraftRequested{MessageRef: events.MessageRef{MessageID: es.NewID(), LeadID: w.lead}, Reason: "lead_changed"})
	w.run(t)
	if got := reactortest.Of[commands.DraftMessage](t, w.Boundary); len(got) != 2 || got[1].MessageID == got[0].MessageID {
		t.Errorf("drafts %+v", got)
	}
}

func TestWhatNobodyWantsAnyMoreIsNotWritten(t *testing.T) {
	t.Parallel()
	w := setupWriting(t, bob())
	w.Briefs = briefs(func() (Brief, error) { return Brief{}, reaction.ErrGone })
	w.run(t)
	if len(w.Submitted) != 0 {
		t.Errorf("%d commands", len(w.Submitted))
	}
}

func TestALeadThatNeverHoldsStillIsTriedLater(t *testing.T) {
	t.Parallel()
	w := setupWriting(t, bob())
	w.Decide = func(*es.Command) es.Answer {
		w.brief.LeadVersion++
		return es.Answer{Outcome: es.Refused, Code: commands.CodeVersionConflict}
	}
	if _, err := w.handleRequested(context.Background(), w.requested); !errors.Is(err, errStale) {
		t.Errorf("got %v", err)
	}
}

func TestAModelThatNobodyAskedForIsNotAsked(t *testing.T) {
	t.Parallel()
	w := setupWriting(t, bob())
	w.Model = model(func() (models.Answer, error) {
		t.Error("the model is asked")
		return models.Answer{}, nil
	})
	w.run(t)
}

func TestWhatIsBlankOnceFilledInIsHeld(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ subject, body, want string }{
		"nothing":               {"Hi", "{% if first_name == 'Eve' %}Hello{% endif %}", "unsendable: the text is blank"},
		"blanks and line ends":  {"Hi", " \n{% if first_name == 'Eve' %}Hello{% endif %}\t\n\n", "unsendable: the text is blank"},
		"what nobody sees":      {"Hi", "\u200b\u00a0{% if first_name == 'Eve' %}Hello{% endif %}\u2060", "unsendable: the text is blank"},
		"a subject of nothing":  {"{% if first_name == 'Eve' %}Hello{% endif %}\u200b", "Hello", "unsendable: the subject is blank"},
		"a text without an end": {"Hi", strings.Repeat("{{ first_name | append: \""+strings.Repeat("x", 1000)+"\" }}", 30) + strings.Repeat("{{ custom.industry }}", 40), "unsendable: the text is too long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := bob()
			p.Custom = map[string]string{"industry": strings.Repeat("long ", 2000)}
			w := setupWriting(t, p)
			w.brief.Subject, w.brief.Body = x.subject, x.body
			w.run(t)
			if got := reactortest.Of[commands.HoldMessage](t, w.Boundary); len(got) != 1 || got[0].Reason != x.want {
				t.Errorf("held %+v of %d commands", got, len(w.Submitted))
			}
		})
	}
}

func TestNoControlCharacterIsDrafted(t *testing.T) {
	t.Parallel()
	p := bob()
	p.FirstName = "Bo\x00b\x1b"
	w := setupWriting(t, p)
	w.brief.Subject, w.brief.Body = "Hi {{ first_name }}\r\nBcc: all@example.com", "\u200bHello {{ first_name }}\v\r\nBye\x07"
	w.run(t)
	got := reactortest.Of[commands.DraftMessage](t, w.Boundary)
	if len(got) != 1 {
		t.Fatalf("%d drafts", len(got))
	}
	for field, want := range map[string]string{sealedtext.SubjectField: "Hi Bob Bcc: all@example.com", sealedtext.BodyField: "Hello Bob\nBye"} {
		sealed := got[0].Subject
		if field == sealedtext.BodyField {
			sealed = got[0].Body
		}
		if text, err := sealedtext.Open(reactortest.KeyOf(w.org, w.lead), field, sealed); err != nil || text != want {
			t.Errorf("%s: got %q (%v), want %q", field, text, err, want)
		}
	}
}

func TestAWriterWaitsForWhatWasBeforeItsEvent(t *testing.T) {
	t.Parallel()
	w := setupWriting(t, bob())
	behind := errors.New("the read side is behind")
	w.Await = func(context.Context, *es.Event, ...string) error { return behind }
	if _, err := w.handleRequested(context.Background(), w.requested); !errors.Is(err, behind) || len(w.Submitted) != 0 {
		t.Errorf("%d commands, %v", len(w.Submitted), err)
	}
}

// "Re:" says that the lead has what is answered.
func TestOnlyWhatAnswersAMessageSaysSo(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		own, thread    string
		first, answers bool
		want           string
	}{
		"a follow-up without a subject of its own":           {" ", "A question, Bob", false, true, "Re: A question, Bob"},
		"in a thread that was an answer":                     {"", "RE: A question", false, true, "RE: A question"},
		"of which nothing was sent from here":                {"", "A question, Bob", false, false, "A question, Bob"},
		"of which nothing was sent, and it was an answer":    {"", "Re: RE[2]: A question", false, false, "A question"},
		"one that has its own, and answers":                  {"Re: your words", "A question", false, true, "Re: your words"},
		"one that has its own, and answers nothing":          {"Re: your words", "A question", false, false, "your words"},
		"the first of a sequence is the words of its writer": {"Re: your ad", "", true, false, "Re: your ad"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setupWriting(t, bob())
			w.brief.Subject, w.brief.ReplyTo, w.brief.FollowUp, w.brief.Answers = x.own, x.thread, !x.first, x.answers
			w.run(t)
			got := reactortest.Of[commands.DraftMessage](t, w.Boundary)
			if len(got) != 1 {
				t.Fatalf("%d drafts", len(got))
			}
			if subject, err := sealedtext.Open(reactortest.KeyOf(w.org, w.lead), sealedtext.SubjectField, got[0].Subject); err != nil || subject != x.want {
				t.Errorf("subject %q (%v), want %q", subject, err, x.want)
			}
		})
	}
}
