package mailboxes

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/react"
	"outrider/internal/lab/reactortest"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

// tarpits are servers that never answer, but for those of one organisation.
type tarpits struct {
	calm  uuid.UUID
	under atomic.Int64 // mailboxes whose server is being waited for
}

type tarpit struct {
	worker.Reader

	all  *tarpits
	calm bool
}

func (s *tarpits) Reader(of worker.Mailbox, _ transport.ServerLogin) worker.Reader {
	return tarpit{all: s, calm: of.Org == s.calm}
}

func (s *tarpits) Sender(worker.Mailbox, transport.ServerLogin) worker.Sender { return refusing{} }

func (r tarpit) Close() {}
func (r tarpit) Verify(ctx context.Context) error {
	if r.calm {
		return nil
	}
	r.all.under.Add(1)
	defer r.all.under.Add(-1)
	<-ctx.Done()
	return ctx.Err()
}

func (r tarpit) Poll(context.Context, string, imap.Cursor) (imap.Batch, error) {
	return imap.Batch{}, nil
}

// refusing is a server that takes no message: a check ends there.
type refusing struct{}

func (refusing) Close() {}
func (refusing) Send(context.Context, string, string, []byte) smtp.Result {
	return smtp.Result{Outcome: smtp.Refused, Code: 550}
}

// anyBox has every mailbox that is asked for.
type anyBox struct{}

func (anyBox) Mailbox(_ context.Context, org, id uuid.UUID) (mailboxes.Mailbox, error) {
	at := mailboxes.MailServer{Host: "mail.example.com", Port: 993, Security: "tls", Username: "a", Secret: "s"}
	return mailboxes.Mailbox{Org: org, ID: id, Address: "a@example.com", SMTP: at, IMAP: at}, nil
}

func (anyBox) Secret(context.Context, uuid.UUID, string) ([]byte, error) { return []byte("x"), nil }

// connected puts a mailbox of an organisation into the log.
func connected(t *testing.T, w *logtest.LogWriter, org uuid.UUID) {
	t.Helper()
	id := es.NewID()
	all := w.Next(org, id.String())
	e := reactortest.Fact(t, org, events.MailboxChecksRequested{MailboxRef: events.MailboxRef{MailboxID: id}})
	all[0].Type, all[0].Data = e.Type, e.Data
	w.Append(w.Records(all)...)
}

func TestServersThatNeverAnswerKeepNoNeighboursCheckWaiting(t *testing.T) {
	t.Parallel()
	const attackers, boxes = 6, 20
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	servers, recorded := &tarpits{calm: logtest.Org(0, attackers)}, &reactortest.Boundary{}
	told := make(chan uuid.UUID, attackers*boxes+1)
	recorded.Decide = func(c *es.Command) es.Answer {
		if c.Type == (commands.RecordMailboxChecks{}).CommandType() {
			told <- c.Org
		}
		return es.Answer{CommandID: c.ID, Outcome: es.Accepted}
	}
	v, err := NewVerifier(VerifyConfig{Mailboxes: anyBox{}, Secrets: anyBox{}, Commands: recorded, Signer: reactortest.NewSigner(t), Servers: servers,
		Lookup: func(context.Context, string) ([]string, error) { return nil, errors.New("no DNS here") }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for range boxes {
		for i := range attackers {
			connected(t, w, logtest.Org(0, i))
		}
	}
	run(t, v.Reactor(), react.Config{Log: log})
	for servers.under.Load() < attackers*checksOfOrg {
		time.Sleep(time.Millisecond)
	}
	connected(t, w, servers.calm)
	if got := <-told; got != servers.calm {
		t.Errorf("the check of another organisation ended: %s", got)
	}
	if n := servers.under.Load(); n != attackers*checksOfOrg {
		t.Errorf("%d servers are waited for", n)
	}
}

// run runs a reactor until the test ends.
func run(t *testing.T, r react.Reactor, cfg react.Config) {
	t.Helper()
	pub, err := react.NewPublisher(cfg.Log, nil)
	if err != nil {
		t.Fatal(err)
	}
	router, err := react.NewRouter(react.Options{Logger: slog.New(slog.DiscardHandler), Config: cfg}, pub, r)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- router.Run(ctx) }()
	t.Cleanup(func() { cancel(); _ = errors.Join(<-ended, pub.Close()) })
}

// dying are mail workers that others end, the first times.
type dying struct {
	worker.Servers

	left atomic.Int64
}

func (d *dying) Reader(of worker.Mailbox, at transport.ServerLogin) worker.Reader {
	return dyingReader{d.Servers.Reader(of, at), d}
}

func (d *dying) Sender(of worker.Mailbox, at transport.ServerLogin) worker.Sender {
	return dyingSender{d.Servers.Sender(of, at), d}
}

type dyingReader struct {
	worker.Reader

	of *dying
}

func (r dyingReader) Verify(ctx context.Context) error {
	if r.of.left.Add(-1) >= 0 {
		return worker.ErrCrashed
	}
	r.of.left.Store(touched - 1) // and again for the message
	return r.Reader.Verify(ctx)
}

type dyingSender struct {
	worker.Sender

	of *dying
}

func (s dyingSender) Send(ctx context.Context, from, to string, message []byte) smtp.Result {
	if s.of.left.Add(-1) >= 0 {
		return smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageConnect, Err: worker.ErrCrashed}
	}
	return s.Sender.Send(ctx, from, to, message)
}

func TestAMailboxWhoseWorkerOthersEndIsCheckedAgain(t *testing.T) {
	t.Parallel()
	p := reactortest.NewPost(t)
	d := &dying{Servers: serversOf(p)}
	d.left.Store(touched - 1)
	found := verifyWith(t, p, d)
	for _, check := range []string{events.CheckIMAPAuth, events.CheckSMTPAuth, events.CheckReadBack} {
		if found[check].Outcome != events.CheckPassed {
			t.Errorf("%s: %+v", check, found[check])
		}
	}
}
