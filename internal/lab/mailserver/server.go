package mailserver

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-smtp"

	"outrider/internal/lab/mailserver/loopback"
)

// Options of a server; only Dir must be set.
type Options struct {
	Dir   string           // accounts, mail, journal.jsonl, CA
	Name  string           // what it calls itself, and a name of its certificate; "" means mail.test
	Names []string         // further names of the certificate; localhost, 127.0.0.1 and ::1 are always in it
	Fsync bool             // every message reaches the disk before it is answered; without, it survives a kill but not a power cut
	Now   func() time.Time // nil: this machine's clock
	// Exchangers says where other domains' mail goes: host:port on loopback by domain, "*" for any other. What has no way is refused.
	Exchangers map[string]string
	NoTags     bool   // know no addresses with a + and a tag, as Postfix does unless it is told to
	Sink       bool   // take what has no way instead of refusing it, and keep none of it: to measure senders
	Router     Router // instead of Exchangers and local delivery, for what is submitted
	AdminToken string // opens Listeners.Admin; "" keeps accounts closed there
	NoSent     bool   // keep no copy of what is submitted in Sent
	// LoseAnswers is the share of submitted messages that are taken without the client hearing so, as the connection is lost; Seed decides which.
	LoseAnswers float64
	Seed        uint64
	Log         *slog.Logger
}

// Listeners are where it is reached; nil ones aren't served. All must be loopback.
type Listeners struct {
	Submission  net.Listener // SMTP with STARTTLS and AUTH
	Submissions net.Listener // the same over TLS from the first byte
	MX          net.Listener // SMTP from the world, no AUTH
	IMAP        net.Listener // with STARTTLS
	IMAPS       net.Listener // over TLS from the first byte
	Admin       net.Listener // HTTP, see Admin
}

// JournalFile is the journal, in the data folder: JSON lines, see Line.
const JournalFile = "journal.jsonl"

// Instance is a mail server that is running.
type Instance struct {
	options     Options
	log         *slog.Logger
	store       *Store
	journal     *journal
	certificate *tls.Config
	router      Router
	inbound     Router
	exchangers  []*Exchanger
	life        context.Context //nolint:containedctx // ends with Close; SMTP's sessions have none of their own
	end         context.CancelFunc
	smtp        []*smtp.Server
	imap        *imapserver.Server
	listeners   []net.Listener
	serving     sync.WaitGroup

	losing   sync.Mutex
	accepted map[string]int // submitted messages by recipient
}

// New opens the data folder. Accounts can be added at once; Serve opens it to clients.
func New(o Options) (*Instance, error) {
	if o.Name == "" {
		o.Name = "mail.test"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	store, err := OpenStore(o.Dir, o.Fsync)
	if err != nil {
		return nil, err
	}
	store.noTags = o.NoTags
	s := &Instance{options: o, log: o.Log, store: store, router: o.Router}
	if s.certificate, err = serverCertificate(o.Dir, append([]string{o.Name, "localhost", "127.0.0.1", "::1"}, o.Names...)); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	if s.journal, err = openJournal(filepath.Join(o.Dir, JournalFile), o.Now); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.inbound = inbound{s}
	if s.router == nil {
		r := &Routes{Server: s, Exchangers: map[string]*Exchanger{}, Sink: o.Sink}
		for domain, address := range o.Exchangers {
			x := NewExchanger(address, o.Name)
			r.Exchangers[domain] = x
			s.exchangers = append(s.exchangers, x)
		}
		s.router = r
	}
	s.imap = s.imapServer()
	return s, nil
}

// AddAccount makes a mailbox; asking again with the same password changes nothing.
func (s *Instance) AddAccount(address, password string) error {
	return s.store.AddAccount(address, password)
}

// Account finds the mailbox that mail to address reaches, or nil.
func (s *Instance) Account(address string) *Account { return s.store.Account(address) }

// Serve begins to answer clients and returns.
func (s *Instance) Serve(l Listeners) error {
	for _, one := range []net.Listener{l.Submission, l.Submissions, l.MX, l.IMAP, l.IMAPS, l.Admin} {
		if one == nil {
			continue
		}
		if a, ok := one.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
			return fmt.Errorf("serve on %s: %w", one.Addr(), loopback.ErrOutside)
		}
	}
	submission, mx := s.smtpServer(true), s.smtpServer(false)
	s.smtp = []*smtp.Server{submission, mx}
	s.serveListener(l.Submission, submission.Serve, false)
	s.serveListener(l.Submissions, submission.Serve, true)
	s.serveListener(l.MX, mx.Serve, false)
	s.serveListener(l.IMAP, s.imap.Serve, false)
	s.serveListener(l.IMAPS, s.imap.Serve, true)
	if l.Admin != nil {
		s.serveAdmin(l.Admin)
	}
	return nil
}

func (s *Instance) serveListener(l net.Listener, serve func(net.Listener) error, secure bool) {
	if l == nil {
		return
	}
	if secure {
		l = tls.NewListener(l, s.certificate)
	}
	s.listeners = append(s.listeners, l)
	s.serving.Add(1)
	go func() {
		defer s.serving.Done()
		if err := serve(l); err != nil && s.life.Err() == nil {
			s.log.Error("serve mail", "address", l.Addr(), "error", err)
		}
	}()
}

// Close ends every connection and closes the files. What was answered is kept.
func (s *Instance) Close() error {
	s.end()
	for _, one := range s.smtp {
		_ = one.Close() // an error is that of a listener that is closed already
	}
	_ = s.imap.Close()
	for _, l := range s.listeners { // one that its server hasn't begun to listen on yet
		_ = l.Close()
	}
	for _, x := range s.exchangers {
		x.closeIdle()
	}
	s.serving.Wait()
	return errors.Join(s.store.Close(), s.journal.file.Close())
}

func randomName() string { return rand.Text() }

// Now is the time by which the server stamps.
func (s *Instance) Now() time.Time { return s.options.Now() }
