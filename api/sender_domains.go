package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/pii"
	"outrider/projections"
)

// domainHandlers answer what is asked of the domains that mail is sent from.
type domainHandlers struct {
	*readSide
	*writeSide
}

// forDomains is the handler of a route that domainHandlers answer.
func forDomains(handle func(*domainHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(&domainHandlers{s.readSide, s.writeSide}, c) }
}

// mostDomainMailboxes bounds how many mailboxes domains are shown of.
const mostDomainMailboxes = 5_000

// readDomains groups mailboxes by what stands behind their @, by name.
func (h *domainHandlers) readDomains(c *call) (out []gen.SenderDomain, err error) {
	byHash := map[string]*gen.SenderDomain{}
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		page, err := projections.ListMailboxes(c.ctx, tx, c.who.Org, projections.MailboxFilter{}, projections.Listing{Limit: mostDomainMailboxes})
		if err != nil {
			return err
		}
		known, err := projections.SenderDomains(c.ctx, tx, c.who.Org)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			m, err := mailboxOf(row)
			if err != nil {
				return err
			}
			name := pii.Domain(m.Address)
			if name == "" {
				continue
			}
			d := byHash[row.DomainHash]
			if d == nil {
				of := events.SenderDomainOf(c.who.Org, row.DomainHash)
				d = &gen.SenderDomain{ID: of.DomainID, Domain: name, Outcome: gen.SenderDomainOutcomePassed, MailboxIds: []uuid.UUID{}}
				byHash[row.DomainHash] = d
			}
			addToDomain(d, &m)
		}
		for hash, d := range byHash {
			if err := showKnown(d, known[hash]); err != nil {
				return err
			}
		}
		return nil
	})
	for _, d := range byHash {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b gen.SenderDomain) int { return strings.Compare(a.Domain, b.Domain) })
	return out, err
}

// showKnown shows what was found of the domain itself, which counts more than what was found with its mailboxes.
func showKnown(d *gen.SenderDomain, is *projections.SenderDomain) error {
	if is == nil {
		return nil
	}
	d.TrackingHost = is.Host
	d.Checking = is.RequestedAt != nil
	if len(is.Signing) > 0 {
		var s events.SenderDomainSigningSet
		if err := json.Unmarshal(is.Signing, &s); err != nil {
			return fmt.Errorf("read key: %w", err)
		}
		d.SigningSelector = s.Selector
	}
	if is.Outcome == "" {
		return nil
	}
	d.Outcome, d.CheckedAt, d.Detail = gen.SenderDomainOutcome(is.Outcome), valueOrZero(is.CheckedAt), ""
	if err := json.Unmarshal(is.Checks, &d.Checks); err != nil {
		return fmt.Errorf("read checks: %w", err)
	}
	var said []string
	for _, x := range d.Checks {
		if string(x.Outcome) == is.Outcome {
			said = append(said, x.Detail)
		}
	}
	d.Detail = strings.Join(said, " ")
	return nil
}

func (h *domainHandlers) listDomains(c *call) error {
	all, err := h.readDomains(c)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.SenderDomainList{Data: nonNil(all)})
}

// addToDomain counts a mailbox of a domain. A failed check stays, one that is not known is better, and what was checked last says when.
func addToDomain(d *gen.SenderDomain, m *gen.Mailbox) {
	d.MailboxIds, d.Sent = append(d.MailboxIds, m.ID), d.Sent+m.Sent
	check, ok := m.Checks[events.CheckDNS]
	outcome := gen.SenderDomainOutcome(check.Outcome)
	if !ok || outcome == "" {
		outcome = gen.SenderDomainOutcomeUnknown
	}
	if outcome == gen.SenderDomainOutcomeFailed || outcome != gen.SenderDomainOutcomePassed && d.Outcome == gen.SenderDomainOutcomePassed {
		d.Outcome, d.Detail = outcome, check.Detail
	}
	if ok && check.CheckedAt.After(d.CheckedAt) {
		d.CheckedAt = check.CheckedAt
		if d.Outcome == gen.SenderDomainOutcomePassed {
			d.Detail = check.Detail
		}
	}
}

// loadDomain finds a domain that a mailbox of the organisation has.
func (h *domainHandlers) loadDomain(c *call, id uuid.UUID) (gen.SenderDomain, error) {
	all, err := h.readDomains(c)
	if err != nil {
		return gen.SenderDomain{}, err
	}
	if i := slices.IndexFunc(all, func(d gen.SenderDomain) bool { return d.ID == id }); i >= 0 {
		return all[i], nil
	}
	return gen.SenderDomain{}, notFoundProblem()
}

func (h *domainHandlers) showDomain(c *call, id uuid.UUID) error {
	d, err := h.loadDomain(c, id)
	if err != nil {
		return err
	}
	return c.answerJSON(200, d)
}

// refOf returns the reference of a domain that a mailbox of the organisation has.
func (h *domainHandlers) refOf(c *call, id uuid.UUID) (out events.SenderDomainRef, err error) {
	var hashes []string
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		hashes, err = projections.HashesOfSenderDomains(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return out, err
	}
	for _, hash := range hashes {
		if of := events.SenderDomainOf(c.who.Org, hash); of.DomainID == id {
			return of, nil
		}
	}
	return out, notFoundProblem()
}

// change submits a command about a domain, and shows it.
func (h *domainHandlers) change(c *call, id uuid.UUID, command func(in *writeRequest, of events.SenderDomainRef) (commands.Command, error)) error {
	of, err := h.refOf(c, id)
	if err != nil {
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	cmd, err := command(in, of)
	if err != nil {
		return err
	}
	a, err := h.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "sender_domains", a, func() error { return h.showDomain(c, id) })
}

func (h *domainHandlers) checkDomain(c *call, id uuid.UUID) error {
	return h.change(c, id, func(_ *writeRequest, of events.SenderDomainRef) (commands.Command, error) {
		return commands.RequestDomainChecks{SenderDomainRef: of}, nil
	})
}

// setSigning makes a key. The repeat of a request finds the one that it made.
func (h *domainHandlers) setSigning(c *call, id uuid.UUID) error {
	return h.change(c, id, func(in *writeRequest, of events.SenderDomainRef) (commands.Command, error) {
		key := in.newID("signing key")
		secret := "domains/" + id.String() + "/signing/" + key.String()
		private, err := h.vault.Secret(in.ctx, in.org, secret)
		public := ""
		switch {
		case errors.Is(err, pii.ErrNotFound):
			if private, public, err = mailboxes.NewSigningKey(); err == nil {
				err = h.vault.PutSecret(in.ctx, in.org, secret, private)
			}
		case err == nil:
			public, err = mailboxes.PublicSigningKey(private)
		}
		if err != nil {
			return nil, err
		}
		return commands.SetDomainSigning{SenderDomainRef: of, Selector: "or" + key.String()[:8], PublicKey: public, Secret: secret}, nil
	})
}

func (h *domainHandlers) removeSigning(c *call, id uuid.UUID) error {
	return h.change(c, id, func(_ *writeRequest, of events.SenderDomainRef) (commands.Command, error) {
		return commands.RemoveDomainSigning{SenderDomainRef: of}, nil
	})
}

func (h *domainHandlers) setTracking(c *call, id uuid.UUID, body gen.SenderDomainTracking) error {
	d, err := h.loadDomain(c, id)
	if err != nil {
		return err
	}
	host := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(body.Host), "."))
	if host != "" && (host == d.Domain || !strings.HasSuffix(host, "."+d.Domain)) {
		return invalidField("host", "must lie below the domain, like go.example.com below example.com: others would look like somebody else's links")
	}
	return h.change(c, id, func(_ *writeRequest, of events.SenderDomainRef) (commands.Command, error) {
		return commands.SetDomainTracking{SenderDomainRef: of, Host: host}, nil
	})
}
