package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"outrider/internal/dial"
	"outrider/internal/evidence"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/mail/sendgrid"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
	"outrider/internal/peopledata"
)

// Sending says how a process writes, sends and reads mail.
type Sending struct {
	PublicURL    string        `name:"public-url" help:"Address under which the world reaches the API, for links in messages; default: http:// and --listen." placeholder:"URL"`
	Poll         time.Duration `default:"5m" help:"How often mailboxes are read, besides before each send."`
	MailLoopback bool          `help:"Reach mail servers on this machine only: for simulated mail."`
	MailPrivate  bool          `help:"Also reach mail servers at private addresses and other ports: only where everybody who has a key is trusted."`
	MailCA       string        `name:"mail-ca" help:"Also trust the certificates of this file (PEM) where mail is sent and read." placeholder:"FILE"`
	SendGridURL  string        `name:"sendgrid-url" help:"What takes the place of SendGrid's API: for tests." placeholder:"URL" hidden:""`
	MailSignIn
	Integrating
	Resolver string `help:"Name server (host:port) that is asked for what sender domains publish; default: the system's." placeholder:"ADDR"`

	Webhooks string `default:"public" enum:"public,loopback,anywhere" help:"Which addresses webhooks and readings of web sites reach: public ones, this machine only (for simulations), or private networks too (only where everybody who has a key is trusted)." placeholder:"REACH"`

	ResearchSites string `name:"research-sites" help:"What stands in for all companies' web sites (host:port on this machine, without TLS): for simulations." placeholder:"ADDR" hidden:""`

	PeopleData string `name:"people-data" type:"existingfile" help:"Provider of data about people that members may ask about a lead: address, key and which of its fields are which facts (JSON; see docs/operations.md)." placeholder:"FILE"`

	LanguageModels
}

// mailingSetup is what Sending says, made ready.
type mailingSetup struct {
	base        string // "" = where the process listens
	poll        time.Duration
	mail        worker.Setup
	grid        sendgrid.Options
	oauth       func(base string) *mailoauth.Providers
	integrating Integrating
	loopback    bool // services of others are reached on this machine only
	names       *net.Resolver
	hooks       dial.Reach // of webhooks, and of readings of web sites
	sites       string     // what stands in for web sites; "" = they themselves
	models      modelSetup
	people      peopledata.Provider // nil = none
}

// publicHost returns the name under which the world reaches the API.
func (m mailingSetup) publicHost() string {
	u, err := url.Parse(m.base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// answersAt reports whether an installation of this program answers at a host that a customer has named, over TLS that everybody trusts.
func (m mailingSetup) answersAt(ctx context.Context, host string) error {
	dialer := dial.Dialer{Ports: []int{443}}
	if m.mail.LoopbackOnly {
		dialer.Reach = dial.Loopback
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
		CheckRedirect: dial.NoRedirect}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+host+"/healthz", http.NoBody)
	if err != nil {
		return fmt.Errorf("ask %s: %w", host, err)
	}
	a, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("ask %s: %w", host, err)
	}
	_ = a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("ask %s: it answered %d", host, a.StatusCode)
	}
	return nil
}

// Validate says what can't be so.
func (c Sending) Validate() error {
	if c.PublicURL != "" && !strings.HasPrefix(c.PublicURL, "http://") && !strings.HasPrefix(c.PublicURL, "https://") {
		return fmt.Errorf("--public-url %s: it must begin with https:// or http://", c.PublicURL)
	}
	if c.ResearchSites != "" {
		if err := checkSites(c.ResearchSites); err != nil {
			return err
		}
	}
	if c.Poll < time.Second {
		return errors.New("--poll must be a second or more")
	}
	return nil
}

// prepareMailing reads what the options name.
func (c Sending) prepareMailing() (m mailingSetup, err error) {
	m = mailingSetup{base: strings.TrimSuffix(c.PublicURL, "/"), poll: c.Poll, names: net.DefaultResolver, sites: c.ResearchSites}
	switch c.Webhooks {
	case "loopback":
		m.hooks = dial.Loopback
	case "anywhere":
		m.hooks = dial.Anywhere
	}
	m.mail = worker.Setup{LoopbackOnly: c.MailLoopback, Private: c.MailPrivate} // who has a key names the hosts
	if c.MailCA != "" {
		if m.mail.CA, err = os.ReadFile(c.MailCA); err == nil {
			_, err = transport.RootsWith(m.mail.CA)
		}
		if err != nil {
			return m, fmt.Errorf("--mail-ca: %w", err)
		}
	}
	m.integrating, m.loopback = c.Integrating, c.MailLoopback
	m.grid = sendgrid.Options{StandIn: c.SendGridURL, HTTP: sendgrid.NewHTTPClient(c.MailLoopback)}
	m.oauth = func(base string) *mailoauth.Providers { return c.MailSignIn.providers(base, c.MailLoopback) }
	if c.Resolver != "" {
		m.names = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, c.Resolver)
		}}
	}
	if c.PeopleData != "" {
		people, err := peopledata.Read(c.PeopleData, dial.Dialer{Reach: m.hooks, Resolver: m.names}, evidence.Known)
		if err != nil {
			return m, fmt.Errorf("--people-data: %w", err)
		}
		m.people = people
	}
	others := dial.Dialer{Reach: m.hooks, Resolver: m.names}
	if c.MailLoopback {
		others.Reach = dial.Loopback
	}
	m.models, err = c.LanguageModels.prepare(m.hooks, others)
	return m, err
}
