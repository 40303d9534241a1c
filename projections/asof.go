package projections

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// Past holds the read models of one organisation as they were at a moment: its events up to there, applied by the code that
// writes the rows, in memory. So the past and the present can't drift apart.
type Past struct {
	org  uuid.UUID
	only uuid.UUID // the lead, mailbox or message whose row is kept; Nil = all rows, without anything personal
	keys Keys

	texts         *opener
	organizations *fold[id, Organization]
	campaigns     *fold[id, Campaign]
	enrollments   *enrollments
	leads         *fold[id, Lead]
	mailboxes     *fold[id, Mailbox]
	messages      *fold[id, Message]
	suppressed    map[suppressedHash]*LeadSuppression
	subdomains    map[string][]string // the domains above those of leads, hashed
}

// NewPast begins before the first event. Of leads, mailboxes and messages it keeps the row of only, with whatever keys can still
// open; only = uuid.Nil keeps all, and opens nothing: keys may then be nil. Close it.
func NewPast(org, only uuid.UUID, keys Keys) (*Past, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxText))
	if err != nil {
		return nil, fmt.Errorf("open zstd: %w", err)
	}
	return &Past{org: org, only: only, keys: keys, texts: &opener{map[pii.Ref]pii.Key{}, z}, organizations: newFold[id, Organization](), campaigns: newFold[id, Campaign](),
		enrollments: &enrollments{newFold[id, Enrollment](), map[id][]id{}}, leads: newFold[id, Lead](), mailboxes: newFold[id, Mailbox](), messages: newFold[id, Message](),
		suppressed: map[suppressedHash]*LeadSuppression{}, subdomains: map[string][]string{}}, nil
}

// Close releases what is needed to open texts.
func (p *Past) Close() { p.texts.closeDecoder() }

// Apply takes the next event, decoded.
func (p *Past) Apply(ctx context.Context, e *es.Event) error {
	if err := applyOrganization(p.organizations, e); err != nil {
		return err
	}
	if err := applyCampaign(p.campaigns, p.enrollments, e); err != nil {
		return err
	}
	if h, s := suppressionIn(e); h != (suppressedHash{}) {
		p.suppressed[h] = s
	}
	if s, ok := e.Payload.(events.SubdomainKnown); ok {
		p.subdomains[s.Hash] = s.Parents
	}
	if lead, ok := leadIn(e); ok && p.keepsRow(lead) {
		if err := p.applyLead(ctx, e, lead); err != nil {
			return err
		}
	}
	if x, ok := mailboxOf(e); ok && p.keepsRow(x) {
		if err := p.applyMailbox(ctx, e, x); err != nil {
			return err
		}
	}
	if x, ok := messageOf(e); ok && p.keepsRow(x) {
		return applyMessage(p.messages, id{e.Org, x}, e)
	}
	return nil
}

func (p *Past) keepsRow(x uuid.UUID) bool { return p.only == uuid.Nil || p.only == x }

func (p *Past) applyLead(ctx context.Context, e *es.Event, lead uuid.UUID) error {
	if err := p.lookupKey(ctx, e.Org, lead, sealedProfile(e)); err != nil {
		return err
	}
	return leadFold{}.applyEvent(p.leads, p.texts.keys, e)
}

func (p *Past) applyMailbox(ctx context.Context, e *es.Event, mailbox uuid.UUID) error {
	if err := p.lookupKey(ctx, e.Org, mailbox, sealedMailbox(e)); err != nil {
		return err
	}
	return applyMailbox(p.mailboxes, p.texts, id{e.Org, mailbox}, e)
}

// lookupKey gets the key of a sealed value, if it still exists.
func (p *Past) lookupKey(ctx context.Context, org, subject uuid.UUID, s events.Sealed) error {
	r := keyRef(org, subject, s)
	if _, has := p.texts.keys[r]; has || p.only == uuid.Nil || s.IsZero() {
		return nil
	}
	found, err := p.keys.Lookup(ctx, []pii.Ref{r})
	for r, key := range found {
		p.texts.keys[r] = key
	}
	return err
}

// Readable reports whether the keys that were used still exist: the key of an erased person doesn't.
func (p *Past) Readable(ctx context.Context) (bool, error) {
	refs := slices.Collect(maps.Keys(p.texts.keys))
	if len(refs) == 0 {
		return true, nil
	}
	found, err := p.keys.Lookup(ctx, refs)
	return len(found) == len(refs), err
}

// Organization returns nil before it was created.
func (p *Past) Organization() *Organization { return p.organizations.rows[id{p.org, p.org}] }

// Campaign returns nil when there was no such campaign.
func (p *Past) Campaign(x uuid.UUID) *Campaign { return p.campaigns.rows[id{p.org, x}] }

// Enrollment returns nil when there was no such enrollment.
func (p *Past) Enrollment(x uuid.UUID) *Enrollment { return p.enrollments.rows[id{p.org, x}] }

// Lead returns nil when there was no such lead, or its row isn't kept.
func (p *Past) Lead(x uuid.UUID) *Lead {
	l := p.leads.rows[id{p.org, x}]
	if l != nil {
		l.markSuppressed(p.suppressed, p.subdomains[l.DomainHash])
	}
	return l
}

// Mailbox returns nil when there never was such a mailbox, or its row isn't kept.
func (p *Past) Mailbox(x uuid.UUID) *Mailbox { return p.mailboxes.rows[id{p.org, x}] }

// Message returns nil when there was no such message, or its row isn't kept.
func (p *Past) Message(x uuid.UUID) *Message { return p.messages.rows[id{p.org, x}] }

// Campaigns returns all in order of their creation.
func (p *Past) Campaigns() []*Campaign { return p.campaigns.liveRows() }

// Enrollments returns all, in the order in which they began.
func (p *Past) Enrollments() []*Enrollment { return p.enrollments.liveRows() }

// Leads returns those that are kept.
func (p *Past) Leads() []*Lead {
	leads := p.leads.liveRows()
	for _, l := range leads {
		l.markSuppressed(p.suppressed, p.subdomains[l.DomainHash])
	}
	return leads
}

// Mailboxes returns those that are kept, removed ones too.
func (p *Past) Mailboxes() []*Mailbox { return p.mailboxes.liveRows() }

// Messages returns those that are kept, without counts of hits.
func (p *Past) Messages() []*Message { return p.messages.liveRows() }
