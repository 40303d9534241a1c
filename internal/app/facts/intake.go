// Package facts brings facts about leads and their companies into the log, and gives them to the gate of internal/evidence.
package facts

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/es"
	"outrider/internal/evidence"
	"outrider/internal/pii"
	"outrider/projections"
)

// Found is a fact before it is sealed.
type Found struct {
	About      string // evidence.AboutLead or AboutCompany
	Predicate  string
	Method     string
	Confidence int
	FoundAt    time.Time
	ExpiresAt  time.Time
	projections.FactContent
}

// FieldError says what is wrong with a fact.
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return e.Field + " " + e.Reason }

const (
	maxObject = 500
	maxQuote  = 1000
	maxURL    = 2000
)

// Clean trims a fact, and returns a *FieldError for one that can't be kept.
func (f *Found) Clean() error {
	f.Object, f.Quote, f.SourceURL = strings.Join(strings.Fields(f.Object), " "), strings.TrimSpace(f.Quote), strings.TrimSpace(f.SourceURL)
	switch {
	case f.About != evidence.AboutLead && f.About != evidence.AboutCompany:
		return &FieldError{"about", "must be lead or company"}
	case !evidence.Known(f.Predicate):
		return &FieldError{"predicate", "must be one of " + strings.Join(evidence.Predicates(), ", ")}
	case f.Object == "" || len(f.Object) > maxObject:
		return &FieldError{"object", "must be 1 to 500 characters"}
	case len(f.Quote) > maxQuote:
		return &FieldError{"quote", "must be at most 1,000 characters"}
	case strings.ContainsFunc(f.Object+f.Quote, hidden):
		return &FieldError{"object", "has characters that nobody sees"}
	case len(f.SourceURL) > maxURL:
		return &FieldError{"source_url", "is too long"}
	case !f.ExpiresAt.IsZero() && !f.ExpiresAt.After(f.FoundAt):
		return &FieldError{"expires_at", "must be later than now"}
	}
	if f.SourceURL != "" {
		if u, err := url.Parse(f.SourceURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return &FieldError{"source_url", "must be a http or https address"}
		}
	}
	return nil
}

func hidden(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Co) || unicode.IsControl(r) && r != '\n' && r != '\t'
}

// Intake seals facts under the keys of who they are about.
type Intake struct {
	Hasher func(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
	Key    func(ctx context.Context, org, subject uuid.UUID) (pii.Key, error)
}

// CompanyOf returns the company of an address and the hash of its domain, uuid.Nil of a public mail provider's.
func (in Intake) CompanyOf(ctx context.Context, org uuid.UUID, address string) (company uuid.UUID, domainHash string, err error) {
	h, err := in.Hasher(ctx, org)
	if err != nil {
		return uuid.Nil, "", err
	}
	_, domainHash, free := leads.Hashes(h, address)
	if free || pii.Domain(address) == "" {
		return uuid.Nil, "", nil
	}
	return commands.CompanyID(org, domainHash), domainHash, nil
}

// Command seals facts about a lead and their company. What is wrong with the fact at an index is a *FieldError.
func (in Intake) Command(ctx context.Context, org, lead uuid.UUID, address, companyName string, found []Found) (cmd commands.RecordFacts, err error) {
	cmd.LeadID = lead
	company := uuid.Nil
	for i, f := range found {
		if err := f.Clean(); err != nil {
			return cmd, fmt.Errorf("fact %d: %w", i, err)
		}
		subject := lead
		if f.About == evidence.AboutCompany {
			if company == uuid.Nil {
				if company, cmd.DomainHash, err = in.CompanyOf(ctx, org, address); err != nil {
					return cmd, err
				}
				if company == uuid.Nil {
					return cmd, fmt.Errorf("fact %d: %w", i, &FieldError{"about", "the lead's address is a public mail provider's: it has no company"})
				}
				if cmd.Company, err = in.seal(ctx, org, company, projections.CompanyField, projections.CompanyDetails{Name: companyName, Domain: pii.Domain(address)}); err != nil {
					return cmd, err
				}
			}
			subject = company
		}
		item, err := in.item(ctx, org, subject, f)
		if err != nil {
			return cmd, err
		}
		item.OfCompany = subject != lead
		cmd.Facts = append(cmd.Facts, item)
	}
	return cmd, nil
}

// CompanyItems seals facts about a company, and its details. One that can't be kept is left out.
func (in Intake) CompanyItems(ctx context.Context, org, company uuid.UUID, name, domain string, found []Found) (items []commands.FactItem, details events.Sealed, err error) {
	if details, err = in.seal(ctx, org, company, projections.CompanyField, projections.CompanyDetails{Name: name, Domain: domain}); err != nil {
		return nil, details, err
	}
	for _, f := range found {
		if f.About = evidence.AboutCompany; f.Clean() != nil {
			continue
		}
		item, err := in.item(ctx, org, company, f)
		if err != nil {
			return nil, details, err
		}
		item.OfCompany = true
		items = append(items, item)
	}
	return items, details, nil
}

// item seals a fact. Its id follows from what it says and where it is from.
func (in Intake) item(ctx context.Context, org, subject uuid.UUID, f Found) (item commands.FactItem, err error) {
	item = commands.FactItem{FactID: es.DeriveID(subject, "fact", f.Predicate, strings.ToLower(f.Object), f.SourceURL), Predicate: f.Predicate, Method: f.Method,
		Confidence: f.Confidence, FoundAt: f.FoundAt, ExpiresAt: f.ExpiresAt}
	item.Content, err = in.seal(ctx, org, subject, projections.FactField, f.FactContent)
	return item, err
}

func (in Intake) seal(ctx context.Context, org, subject uuid.UUID, field string, value any) (events.Sealed, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return events.Sealed{}, fmt.Errorf("seal %s: %w", field, err)
	}
	key, err := in.Key(ctx, org, subject)
	if err != nil {
		return events.Sealed{}, err
	}
	s, err := key.Seal(field, plain)
	return events.Sealed(s), err
}

// Evidence returns a stored fact as the gate knows it. names are what its subject may be called.
func Evidence(row *projections.Fact, names []string, at time.Time) evidence.Fact {
	f := evidence.Fact{ID: row.FactID.String(), About: evidence.AboutCompany, Names: names, Predicate: row.Predicate, Stale: !row.Usable(at)}
	if row.LeadID != nil {
		f.About = evidence.AboutLead
	}
	if row.Object != nil {
		f.Object = *row.Object
	}
	return f
}

// LeadNames returns what a lead may be called.
func LeadNames(first, last string) []string {
	if name := strings.TrimSpace(first + " " + last); name != "" {
		return []string{name}
	}
	return nil
}

// CompanyNames returns what a company may be called: its name, and that without its legal form.
func CompanyNames(name string) (out []string) {
	if name = strings.TrimSpace(name); name == "" {
		return nil
	}
	out = append(out, name)
	for _, form := range []string{" GmbH", " AG", " Inc.", " Inc", " Ltd.", " Ltd", " LLC", " B.V.", " S.A.", " SAS", " Corp.", " Corp", " plc", " SE", " KG", " Oy", " AB", " A/S"} {
		if short, ok := strings.CutSuffix(name, form); ok {
			out = append(out, strings.TrimRight(short, " ,"))
			break
		}
	}
	return out
}
