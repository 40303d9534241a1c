package sending

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

// elsewhere makes the mailbox leave by another server.
func (p *post) elsewhere(t *testing.T, security transport.Security) *mailtest.SMTP {
	t.Helper()
	ca := mailtest.NewCA(t)
	s := mailtest.NewSMTP(t, ca, security)
	p.send.Servers = worker.Direct{SMTP: smtp.Options{Dialer: transport.Dialer{LoopbackOnly: true, Roots: ca.Roots}}}
	p.Box.SMTP = mailboxes.MailServer{Host: s.Account.Host, Port: s.Account.Port, Security: "tls", Username: s.Account.Username, Secret: "of mailtest"}
	if security == transport.StartTLS {
		p.Box.SMTP.Security = "starttls"
	}
	return s
}

func TestAConnectionLostDuringDATALeavesTheMessageInDoubt(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.elsewhere(t, transport.Implicit).OnData = func(c *gosmtp.Conn, _ mailtest.ReceivedMail) error { return mailtest.Hangup(c) }
	p.handle(t, p.claimed(t, 30*time.Second))
	if got := reactortest.Of[commands.RecordResults](t, p.Boundary); len(got) != 0 {
		t.Errorf("a result is told though nobody knows it: %+v", got)
	}
}

// A server that never answers holds a message no longer than its claim. Without that this test doesn't end.
func TestASendEndsWithItsLease(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	p.elsewhere(t, transport.Implicit).OnData = func(*gosmtp.Conn, mailtest.ReceivedMail) error {
		<-hold
		return errors.New("too late")
	}
	p.handle(t, p.claimed(t, margin+500*time.Millisecond))
	if got := reactortest.Of[commands.RecordResults](t, p.Boundary); len(got) != 0 {
		t.Errorf("a result is told though nobody knows it: %+v", got)
	}
}

func TestALeaseThatEndsWhileAMessageIsComposedIsKept(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	e := p.claimed(t, 30*time.Second)
	late := time.Duration(0)
	p.send.Now = func() time.Time { return time.Now().Add(late) }
	p.asked = func() { late = time.Hour }
	p.handle(t, e)
	results := reactortest.Of[commands.RecordResults](t, p.Boundary)
	if got := p.Arrived(t); len(got) != 0 || len(results) != 1 || results[0].Results[0].Sent {
		t.Errorf("%d messages arrived, results %+v", len(got), results)
	}
}

func TestNothingIsBegunBehindTheLease(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.asked = func() { t.Error("the letter is read") }
	p.handle(t, p.claimed(t, margin/2))
}

func TestSTARTTLSIsSpokenWhereTheMailboxSaysSo(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	secured := false
	s := p.elsewhere(t, transport.StartTLS)
	s.OnMail = func(c *gosmtp.Conn, _ string) error {
		_, secured = c.TLSConnectionState()
		return nil
	}
	p.handle(t, p.claimed(t, 30*time.Second))
	if got := s.Deliveries(); len(got) != 1 || !secured || got[0].To != reactortest.Bob {
		t.Errorf("%d messages, secured: %v", len(got), secured)
	}
}

func TestAMailboxConnectedAnewLeavesByItsNewServer(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	first := p.elsewhere(t, transport.Implicit)
	p.handle(t, p.claimed(t, 30*time.Second))
	p.Message = es.NewID()
	second := mailtest.NewSMTP(t, mailtest.NewCA(t), transport.Implicit) // of a CA that isn't trusted
	p.Box.SMTP.Port = second.Account.Port
	p.handle(t, p.claimed(t, 30*time.Second))
	results := reactortest.Of[commands.RecordResults](t, p.Boundary)
	if len(first.Deliveries()) != 1 || len(results) != 2 || !results[0].Results[0].Sent || results[1].Results[0].Sent {
		t.Errorf("%d messages at the first server, results %+v", len(first.Deliveries()), results)
	}
}

func TestWhatAClaimDidNotGetIsNotSentByIt(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(got, refused uuid.UUID) es.Answer{
		"refused as a whole": func(uuid.UUID, uuid.UUID) es.Answer {
			return es.Answer{Outcome: es.Refused, Code: commands.CodeInboxStale}
		},
		"refused in part": func(got, refused uuid.UUID) es.Answer {
			detail, err := es.Marshal(events.ClaimRecorded{Claimed: []uuid.UUID{got}, Refused: []events.RefusedClaim{{MessageID: refused, Code: commands.CodePostponed}}})
			if err != nil {
				t.Error(err)
			}
			return es.Answer{Outcome: es.Accepted, Detail: detail}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := setupPost(t)
			got, refused := es.NewID(), es.NewID()
			p.Decide = func(*es.Command) es.Answer { return answer(got, refused) }
			if _, err := p.send.Claim(context.Background(), p.Org, p.Box.ID, []uuid.UUID{got, refused}, time.Now()); err != nil {
				t.Fatal(err)
			}
			p.Decide = nil
			e := reactortest.Fact(t, p.Org, events.MessageClaimed{MessageRef: events.MessageRef{MessageID: refused, LeadID: p.Lead}, MailboxID: p.Box.ID, LeaseUntil: time.Now().Add(time.Minute)})
			e.CommandID = p.Boundary.Submitted[0].ID
			p.handle(t, e)
			if n := len(p.Arrived(t)); n != 0 {
				t.Errorf("%d messages arrived", n)
			}
		})
	}
}

func TestAResultIsToldUntilItIsHeardAsOneAndTheSame(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	var ids []uuid.UUID
	p.Fail = func(c *es.Command) error {
		if c.Type != (commands.RecordResults{}).CommandType() {
			return nil
		}
		if ids = append(ids, c.ID); len(ids) == 1 {
			return errors.New("nobody there")
		}
		return nil
	}
	e := p.claimed(t, 30*time.Second)
	p.handle(t, e)
	if got := reactortest.Of[commands.RecordResults](t, p.Boundary); len(got) != 1 || len(ids) != 2 || ids[0] != ids[1] || ids[0] != es.DeriveID(e.ID, "react", "send", "results") {
		t.Errorf("%d results, ids %v", len(got), ids)
	}
	if len(p.Arrived(t)) != 1 {
		t.Error("the message was sent again")
	}
}

func TestWhatChangedBeforeTheClaimIsWaitedFor(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	var waited []string
	p.send.Await = func(_ context.Context, _ *es.Event, projections ...string) error {
		waited = projections
		return errors.New("the read side is behind")
	}
	p.handle(t, p.claimed(t, 30*time.Second))
	results := reactortest.Of[commands.RecordResults](t, p.Boundary)
	if !slices.Contains(waited, "messages") || len(p.Arrived(t)) != 0 || len(results) != 1 || results[0].Results[0].Sent || results[0].Results[0].Code != 0 {
		t.Errorf("waited for %v, results %+v", waited, results)
	}
}
