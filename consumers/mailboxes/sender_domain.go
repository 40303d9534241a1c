package mailboxes

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/mail/senderdns"
)

// SenderDomains is the read side that checking domains needs; reaction.ErrGone for a domain that no mail is sent from.
type SenderDomains interface {
	SenderDomain(ctx context.Context, org uuid.UUID, of events.SenderDomainRef) (SenderDomain, error)
}

// SenderDomain is what is known of a domain before it is looked at.
type SenderDomain struct {
	Name     string
	SMTPHost string // of its first mailbox
	Evidence events.DomainEvidence
	Signing  events.SenderDomainSigningSet
	Host     string // of links
}

// DomainConfig is what the checker of domains needs.
type DomainConfig struct {
	Domains    SenderDomains
	Commands   reaction.Commander
	Names      senderdns.Resolver
	PublicHost string // that hosts of links should lead to
	Answers    func(ctx context.Context, host string) error
	Await      reaction.Await
	Now        func() time.Time
}

// DomainChecker looks at what sender domains publish, when it is asked for: by the clock, by somebody, or as a mailbox is verified.
type DomainChecker struct {
	DomainConfig
}

// NewDomainChecker returns a checker, or an error that names what is missing.
func NewDomainChecker(c DomainConfig) (*DomainChecker, error) {
	if err := (reaction.Required{"domains": c.Domains != nil, "commands": c.Commands != nil, "names": c.Names != nil, "now": c.Now != nil}).Check("domain checker"); err != nil {
		return nil, err
	}
	return &DomainChecker{DomainConfig: c}, nil
}

const longestLook = time.Minute // that name servers may take for one domain

// Reactor returns how it is run.
func (d *DomainChecker) Reactor() react.Reactor {
	return react.Reactor{Name: "domains", Wants: reaction.WantEvents(events.SenderDomainChecksRequested{}), Concurrency: 64, PerOrg: checksOfOrg, Handle: d.handleRequested}
}

func (d *DomainChecker) handleRequested(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	asked, ok := p.(events.SenderDomainChecksRequested)
	if !ok {
		return nil, nil
	}
	if err := d.Await.For(ctx, e, "mailboxes", "sender_domains"); err != nil {
		return nil, err
	}
	_, err = d.look(ctx, e, asked.SenderDomainRef, nil)
	return nil, err
}

// look looks at a domain and records what was found. sample is a message from it as it arrived, or nil.
func (d *DomainChecker) look(ctx context.Context, e *es.Event, of events.SenderDomainRef, sample []byte) ([]senderdns.Record, error) {
	is, err := d.Domains.SenderDomain(ctx, e.Org, of)
	if errors.Is(err, reaction.ErrGone) {
		return nil, nil // it has no mailbox any more
	}
	if err != nil {
		return nil, fmt.Errorf("check domain %s: %w", of.DomainID, err)
	}
	asking, cancel := context.WithTimeout(ctx, longestLook)
	defer cancel()
	found, evidence := senderdns.Look(asking, d.Names, senderdns.Question{Domain: is.Name, SMTPHost: is.SMTPHost, Sample: sample,
		Known:           senderdns.Evidence{Signer: is.Evidence.Signer, Selector: is.Evidence.Selector, SenderIP: is.Evidence.SenderIP},
		SigningSelector: is.Signing.Selector, SigningKey: is.Signing.PublicKey, TrackingHost: is.Host, PublicHost: d.PublicHost, Answers: d.Answers})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	c := commands.RecordDomainChecks{SenderDomainRef: of, Name: is.Name, CheckedAt: d.Now().UTC().Truncate(time.Microsecond),
		Evidence: events.DomainEvidence{Signer: evidence.Signer, Selector: evidence.Selector, SenderIP: evidence.SenderIP}}
	for _, r := range found {
		c.Checks = append(c.Checks, events.DomainCheck{Check: r.Check, Outcome: string(r.Outcome), Detail: clipText(r.Detail), Name: r.Name, Type: r.Type, Expected: r.Expected, Found: clipAll(r.Found)})
	}
	_, err = reaction.Submit(ctx, d.Commands, reaction.CausedBy(e, "domains"), es.DeriveID(e.ID, "react", "domain"), d.Now(), c)
	return found, err
}

const (
	longestText = 1000 // what the command takes
	mostFound   = 20
)

func clipText(text string) string { return commands.Clip(reaction.HideAddresses(text), longestText) }

func clipAll(texts []string) (out []string) {
	for _, t := range texts[:min(len(texts), mostFound)] {
		out = append(out, clipText(t))
	}
	return out
}
