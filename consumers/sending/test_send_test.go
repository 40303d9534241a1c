package sending

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/outgoing"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
)

// testPost is a sender of tests before a domain that lets one be claimed once.
type testPost struct {
	*post
	test    Test
	gone    bool
	now     time.Time
	reactor *TestReactor
	asked   *es.Event
}

func (p *testPost) TestSend(context.Context, uuid.UUID, uuid.UUID) (Test, error) {
	if p.gone {
		return Test{}, reaction.ErrGone
	}
	return p.test, nil
}

func setupTestSend(t *testing.T, change ...func(*mailserver.Options)) *testPost {
	t.Helper()
	p := &testPost{post: setupPost(t, change...), now: time.Now()}
	ref := events.TestSendRef{TestSendID: es.NewID()}
	p.test = Test{To: reactortest.Bob, Sample: outgoing.Sample{Token: linktoken.Token{Org: p.Org, Message: ref.TestSendID}, Message: outgoing.Message{To: "ann@example.com", Subject: "A question", Body: "Hello Ann, see https://example.com/a",
		Footer: "Acme, 1 Main St", TrackOpens: true, TrackClicks: true}}}
	p.asked = reactortest.Fact(t, p.Org, events.TestSendRequested{TestSendRef: ref, MailboxID: p.Box.ID})
	claimed := false
	p.Decide = func(c *es.Command) es.Answer {
		a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
		if c.Type != (commands.ClaimTestSend{}).CommandType() {
			return a
		}
		if claimed {
			return es.Answer{CommandID: c.ID, Outcome: es.Refused, Code: commands.CodeClaimed}
		}
		claimed = true
		a.Detail, _ = es.Marshal(events.TestSendClaimed{TestSendRef: ref, ClaimedAt: time.Now(), LeaseUntil: time.Now().Add(30 * time.Second)})
		return a
	}
	var err error
	if p.reactor, err = NewTestReactor(TestConfig{Tests: p, Hashes: reactortest.Hashes{}, Secrets: p, Commands: p.Boundary, Links: linktoken.Links{Signer: p.Signer, Base: "https://acme.test"}, Send: p.send,
		Now: func() time.Time { return p.now }, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *testPost) handle(t *testing.T) []commands.FinishTestSend {
	t.Helper()
	if _, err := p.reactor.handleRequested(context.Background(), p.asked); err != nil {
		t.Fatal(err)
	}
	return reactortest.Of[commands.FinishTestSend](t, p.Boundary)
}

func TestATestIsSentOnceToAMemberAsItIsPreviewed(t *testing.T) {
	t.Parallel()
	p := setupTestSend(t)
	p.handle(t)
	done := p.handle(t) // the event comes again
	got := p.Arrived(t)
	if len(got) != 1 || len(done) != 1 || done[0].Outcome != events.TestSendSent {
		t.Fatalf("%d mails arrived, results %+v", len(got), done)
	}
	letter := p.test.Message
	letter.To = reactortest.Bob
	want, err := outgoing.Compose(linktoken.Links{Signer: p.Signer, Base: "https://acme.test"}, p.test.Token, p.Box, letter, p.now)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(got[0].Raw, want) {
		t.Errorf("what arrived is\n%s\nnot\n%s", got[0].Raw, want)
	}
	if bytes.Contains(got[0].Raw, []byte("ann@example.com")) {
		t.Error("the person whose values it has is named as its recipient")
	}
}

func TestATestThatCannotLeaveSaysWhy(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		spoil func(*testPost)
		stage string
		want  string
	}{
		"blank":               {func(p *testPost) { p.test.Body = " \n" }, "compose", "the text is blank"},
		"gone":                {func(p *testPost) { p.gone = true }, "compose", "not there any more"},
		"an unknown receiver": {func(p *testPost) { p.test.To = "nobody@acme.test" }, "rcpt", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := setupTestSend(t)
			x.spoil(p)
			done := p.handle(t)
			if len(p.Arrived(t)) != 0 || len(done) != 1 || done[0].Outcome != events.TestSendRefused || done[0].Stage != x.stage || !strings.Contains(done[0].Text, x.want) {
				t.Errorf("results %+v", done)
			}
		})
	}
}

func TestATestThatWasNotClaimedIsNotSent(t *testing.T) {
	t.Parallel()
	p := setupTestSend(t)
	p.Decide = func(c *es.Command) es.Answer { return es.Answer{CommandID: c.ID, Outcome: es.Accepted} } // it may not be sent any more
	if done := p.handle(t); len(done) != 0 || len(p.Arrived(t)) != 0 {
		t.Errorf("results %+v", done)
	}
}
