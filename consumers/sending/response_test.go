package sending

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/inbound"
	"outrider/internal/mail/smtp"
)

// responsePost is a sender of responses before a domain that lets a response be claimed once.
type responsePost struct {
	*post
	response OutgoingResponse
	reactor  *ResponseReactor
	lease    time.Duration
	due      *es.Event
	id       uuid.UUID
}

func (p *responsePost) OutgoingResponse(context.Context, uuid.UUID, uuid.UUID) (OutgoingResponse, error) {
	return p.response, nil
}

func setupResponse(t *testing.T) *responsePost {
	t.Helper()
	p := &responsePost{post: setupPost(t), lease: 30 * time.Second, id: es.NewID()}
	p.response = OutgoingResponse{LeadID: p.Lead, To: reactortest.Bob, Subject: "Re: A question", Body: "Gladly. See https://example.com/a", Message: p.Message, InReplyTo: "a1@acme.test",
		References: []string{"ours2@acme.test", "ours1@acme.test"}}
	ref := events.ResponseRef{ResponseID: p.id, ThreadRef: events.ThreadRef{ThreadID: es.NewID(), LeadID: p.Lead}}
	p.due = reactortest.Fact(t, p.Org, events.ResponseDue{ResponseRef: ref, MailboxID: p.Box.ID, At: time.Now()})
	claimed := false
	p.Decide = func(c *es.Command) es.Answer {
		a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
		if c.Type != (commands.ClaimResponse{}).CommandType() {
			return a
		}
		if claimed {
			return es.Answer{CommandID: c.ID, Outcome: es.Refused, Code: commands.CodeClaimed}
		}
		claimed = true
		a.Detail, _ = es.Marshal(events.ResponseClaimed{ResponseRef: ref, MailboxID: p.Box.ID, ClaimedAt: time.Now(), LeaseUntil: time.Now().Add(p.lease)})
		return a
	}
	var err error
	if p.reactor, err = NewResponseReactor(ResponseConfig{Outbox: p, Keys: reactortest.Ring{}, Secrets: p, Commands: p.Boundary, Links: linktoken.Links{Signer: p.Signer, Base: "https://acme.test"}, Send: p.send, Now: time.Now, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *responsePost) handleDue(t *testing.T) {
	t.Helper()
	if _, err := p.reactor.handleDue(context.Background(), p.due); err != nil {
		t.Fatal(err)
	}
}

func TestAResponseIsSentOnceInItsThread(t *testing.T) {
	t.Parallel()
	p := setupResponse(t)
	p.handleDue(t)
	p.handleDue(t) // the event comes again
	got, results := p.Arrived(t), reactortest.Of[commands.RecordResponseResult](t, p.Boundary)
	if len(got) != 1 || len(results) != 1 || !results[0].Sent || results[0].ResponseID != p.id {
		t.Fatalf("%d mails arrived, results %+v", len(got), results)
	}
	raw := string(got[0].Raw)
	for _, want := range []string{"In-Reply-To: <a1@acme.test>\r\n", "References: <ours1@acme.test> <ours2@acme.test>", "Subject: Re: A question\r\n", "Message-Id: <response." + p.id.String() + "@acme.test>\r\n", "jane+", "https://example.com/a"} {
		if !strings.Contains(strings.ReplaceAll(raw, "\r\n <", " <"), want) {
			t.Errorf("the mail lacks %q:\n%s", want, raw)
		}
	}
	for _, never := range []string{"/t/c/", "/t/o/", "List-Unsubscribe"} {
		if strings.Contains(raw, never) {
			t.Errorf("the mail has %q:\n%s", never, raw)
		}
	}
	if x := inbound.Read(got[0].Raw); x.Keys.References[0] != "a1@acme.test" {
		t.Errorf("it answers %v", x.Keys.References)
	}
}

func TestAResponseNamesOurMessageWhereTheirsIsNotKnown(t *testing.T) {
	t.Parallel()
	p := setupResponse(t)
	p.response.InReplyTo, p.response.References = "", nil
	p.handleDue(t)
	got := p.Arrived(t)
	if len(got) != 1 {
		t.Fatalf("%d mails arrived", len(got))
	}
	if token, err := p.Signer.VerifyMessageID(inbound.Read(got[0].Raw).Keys.References[0]); err != nil || token.Message != p.Message {
		t.Errorf("it names %+v: %v", token, err)
	}
}

func TestWhatWasNotClaimedIsNotSent(t *testing.T) {
	t.Parallel()
	p := setupResponse(t)
	p.Decide = func(c *es.Command) es.Answer { return es.Answer{CommandID: c.ID, Outcome: es.Accepted} } // it was cancelled
	p.handleDue(t)
	if got := p.Arrived(t); len(got) != 0 || len(reactortest.Of[commands.RecordResponseResult](t, p.Boundary)) != 0 {
		t.Errorf("%d mails arrived", len(got))
	}
}

func TestAResponseThatCannotLeaveSaysWhy(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		spoil func(*responsePost)
		want  events.SMTPReply
	}{
		"blank":                  {func(p *responsePost) { p.response.Body = " \n" }, events.SMTPReply{Stage: "compose", Text: "the text is blank"}},
		"an address that's none": {func(p *responsePost) { p.response.To = "bob" }, events.SMTPReply{Stage: "compose", Text: "To is no address"}},
		"behind its lease":       {func(p *responsePost) { p.lease = time.Second }, events.SMTPReply{Stage: "connect", Text: "not begun"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := setupResponse(t)
			x.spoil(p)
			p.handleDue(t)
			results := reactortest.Of[commands.RecordResponseResult](t, p.Boundary)
			if len(p.Arrived(t)) != 0 || len(results) != 1 || results[0].Sent || results[0].SMTPReply != x.want {
				t.Errorf("results %+v", results)
			}
		})
	}
}

// refusing is a sender whose server takes no mail without a sender.
type refusing struct {
	from    []string
	refuses bool
}

func (r *refusing) Send(_ context.Context, from, _ string, _ []byte) smtp.Result {
	r.from = append(r.from, from)
	if r.refuses && from == "" {
		return smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageSender, Code: 550}
	}
	return smtp.Result{Outcome: smtp.Accepted, Stage: smtp.StageData, Code: 250}
}

// What no person has written comes back to nobody (RFC 3834).
func TestAnAutomaticAnswerHasNoSenderInItsEnvelope(t *testing.T) {
	t.Parallel()
	p := setupResponse(t)
	p.response.Automatic = true
	p.handleDue(t)
	got := p.Arrived(t)
	if len(got) != 1 || !strings.Contains(string(got[0].Raw), "\r\nAuto-Submitted: auto-replied\r\n") || !strings.HasPrefix(string(got[0].Raw), "Return-Path: <>\r\n") {
		t.Fatalf("what arrived is %v", got)
	}
	for _, refuses := range []bool{false, true} {
		r := &refusing{refuses: refuses}
		m := preparedResponse{sender: r, instead: reactortest.Jane}
		if out := m.send(t.Context()); out.Outcome != smtp.Accepted || r.from[0] != "" || (len(r.from) == 2) != refuses || refuses && r.from[1] != reactortest.Jane {
			t.Errorf("refuses %v: %+v, from %q", refuses, out, r.from)
		}
	}
	r := &refusing{}
	if m := (preparedResponse{sender: r, from: reactortest.Jane}); m.send(t.Context()).Outcome != smtp.Accepted || r.from[0] != reactortest.Jane {
		t.Errorf("a person's answer comes from %q", r.from)
	}
}
