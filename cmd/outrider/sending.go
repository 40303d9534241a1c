package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"outrider/consumers"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/keyfile"
	"outrider/internal/linktoken"
	"outrider/internal/llm"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// Sending says how a process writes, sends and reads mail.
type Sending struct {
	PublicURL    string        `name:"public-url" help:"Address under which the world reaches the API, for links in messages; default: http:// and --listen." placeholder:"URL"`
	Poll         time.Duration `default:"5m" help:"How often mailboxes are read, besides before each send."`
	MailLoopback bool          `help:"Reach mail servers on this machine only: for simulated mail."`
	MailPrivate  bool          `help:"Also reach mail servers at private addresses: only where everybody who has a key is trusted."`
	MailCA       string        `name:"mail-ca" help:"Also trust the certificates of this file (PEM) where mail is sent and read." placeholder:"FILE"`
	Resolver     string        `help:"Name server (host:port) that is asked for what sender domains publish; default: the system's." placeholder:"ADDR"`

	OpenAIKey     string  `name:"openai-key" env:"OPENAI_API_KEY" help:"Key of a language model that writes; without one templates are filled in."`
	OpenAIBaseURL string  `name:"openai-base-url" env:"OPENAI_BASE_URL" help:"An API of OpenAI's form; default: OpenAI's." placeholder:"URL"`
	OpenAIModel   string  `name:"openai-model" env:"OPENAI_MODEL" default:"gpt-4.1-mini" help:"Model that writes."`
	OpenAIPrice   []int64 `name:"openai-price" env:"OPENAI_PRICE" help:"What a million tokens of the model cost in micro-USD: input,cached,output; default: the list price." placeholder:"N,N,N"`
}

// mailing is what Sending says, made ready.
type mailing struct {
	base  string // "" = where the process listens
	poll  time.Duration
	smtp  smtp.Options
	imap  imap.Options
	names *net.Resolver
	model llm.Writer // nil = templates only
}

func (c Sending) ready() (m mailing, err error) {
	m = mailing{base: strings.TrimSuffix(c.PublicURL, "/"), poll: c.Poll, names: net.DefaultResolver}
	if m.base != "" && !strings.HasPrefix(m.base, "http://") && !strings.HasPrefix(m.base, "https://") {
		return m, fmt.Errorf("--public-url %s: it must begin with https:// or http://", c.PublicURL)
	}
	if c.Poll < time.Second {
		return m, errors.New("--poll must be a second or more")
	}
	dialer := transport.Dialer{LoopbackOnly: c.MailLoopback, PublicOnly: !c.MailLoopback && !c.MailPrivate} // who has a key names the hosts
	if c.MailCA != "" {
		pem, err := os.ReadFile(c.MailCA)
		if err != nil {
			return m, fmt.Errorf("--mail-ca: %w", err)
		}
		if dialer.Roots, err = transport.RootsWith(pem); err != nil {
			return m, fmt.Errorf("--mail-ca: %w", err)
		}
	}
	if c.Resolver != "" {
		m.names = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, c.Resolver)
		}}
	}
	m.smtp.Dialer, m.imap.Dialer = dialer, dialer
	if c.OpenAIKey == "" {
		return m, nil
	}
	price, known := llm.Prices()[c.OpenAIModel]
	if len(c.OpenAIPrice) == 3 {
		price, known = llm.Price{Input: c.OpenAIPrice[0], Cached: c.OpenAIPrice[1], Output: c.OpenAIPrice[2]}, true
	}
	if !known {
		return m, fmt.Errorf("the price of model %s isn't known: give --openai-price input,cached,output", c.OpenAIModel)
	}
	if m.model, err = llm.NewOpenAI(llm.Options{Key: c.OpenAIKey, BaseURL: c.OpenAIBaseURL, Model: c.OpenAIModel, Price: price}); err != nil {
		return m, err
	}
	return m, nil
}

// loadSigner reads the key that signs links and Message-IDs, or makes it: what it signed is in messages that people have.
func loadSigner(path string) (*linktoken.Signer, error) {
	text, err := keyfile.LoadOrCreate(path, func() (string, error) {
		secret := make([]byte, 32)
		_, err := rand.Read(secret)
		return base64.StdEncoding.EncodeToString(secret), err
	})
	if err != nil {
		return nil, fmt.Errorf("load key of links: %w", err)
	}
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("load key of links: %s is not base64", path)
	}
	return linktoken.NewSigner(linktoken.Key{ID: 1, Secret: secret})
}

// resultsTogether is how long results of a mailbox wait for others: a command for many costs little more than one for one.
const resultsTogether = 50 * time.Millisecond

// outreach is what a process with the role consumers does about messages.
type outreach struct {
	reads    *consumers.Reads
	write    *consumers.Write
	dispatch *consumers.Dispatch
	send     *consumers.Send
	monitor  *consumers.Monitor
	doubts   *consumers.Doubts
	verify   *consumers.Verify
	assigned atomic.Pointer[react.Subscriber] // of dispatch: who sends for an organisation reads for it
	confirm  *consumers.Confirm
}

func newOutreach(s *stores, m mailing, at clock, log *slog.Logger) *outreach {
	if !strings.HasPrefix(m.base, "https://") {
		log.Warn("links in messages begin with "+m.base+": the world can't reach that, and mail programs offer no unsubscribing with one click; set --public-url to an https address", "public_url", m.base)
	}
	now := at.Now
	secrets := consumers.RememberSecrets(s.vault)
	links := consumers.Links{Signer: s.signer, Base: m.base}
	m.imap.Now = now
	reads := (&consumers.Reads{Pool: s.pools.API, All: s.pools.Projector, Keys: s.vault, Links: links, Model: m.model != nil, Position: func(ctx context.Context, projection string, partition int32, pseq int64) error {
		return s.positions.Wait(ctx, readModel(s, projection), partition, pseq)
	}}).Ready()
	o := &outreach{reads: reads}
	reads.Ours = func(org uuid.UUID) bool { return o.ours(es.PartitionOf(org, s.log.Partitions)) }
	o.write = &consumers.Write{Briefs: reads, Keys: s.vault, Objects: s.blobs, Commands: s.gateway, Model: m.model, Await: reads.Await, Now: now}
	o.send = &consumers.Send{Outbox: reads, Keys: s.vault, Objects: s.blobs, Secrets: secrets, Commands: s.gateway, Links: links, SMTP: m.smtp, Await: reads.Await, Gather: at.patience(resultsTogether), Now: now, Log: log, Trace: s.tracing.Effect()}
	o.monitor = &consumers.Monitor{Mail: reads, Keys: s.vault, Objects: s.blobs, Secrets: secrets, Commands: s.gateway, Signer: s.signer, IMAP: m.imap, Now: now, Log: log}
	o.dispatch = &consumers.Dispatch{Messages: reads, Monitor: o.monitor, Send: o.send, Now: now, Log: log}
	o.doubts = &consumers.Doubts{Messages: reads, Secrets: secrets, Commands: s.gateway, Links: links, IMAP: m.imap, Now: now, Log: log}
	o.verify = &consumers.Verify{Mailboxes: reads, Secrets: secrets, Commands: s.gateway, SMTP: m.smtp, IMAP: m.imap, Lookup: m.names.LookupTXT, Await: reads.Await, Now: now}
	o.confirm = &consumers.Confirm{Outbox: reads, Keys: s.vault, Secrets: secrets, Commands: s.gateway, Links: links, SMTP: m.smtp, Await: reads.Await, Now: now, Log: log}
	return o
}

// round reads all mailboxes, and looks after what was left lying.
func (o *outreach) round(ctx context.Context, log *slog.Logger) {
	for _, err := range []error{o.monitor.Round(ctx), o.dispatch.Sweep(ctx), o.doubts.Round(ctx)} {
		if err != nil && ctx.Err() == nil {
			log.Error("a round through the mailboxes failed", "error", err)
		}
	}
}

// ours says whether a partition is assigned to this process.
func (o *outreach) ours(partition int32) bool {
	s := o.assigned.Load()
	return s != nil && slices.ContainsFunc(s.Status(), func(s react.Status) bool { return s.Partition == partition })
}

func (o *outreach) close() {
	o.send.Close()
	o.monitor.Close()
}
