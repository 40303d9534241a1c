package suppressions

import (
	"context"
	"slices"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/commands"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

// maxTold bounds the domains that Subdomains remembers.
const maxTold = 10_000

// Subdomains tells organisations which domains of their leads lie below others. An organisation must know that before somebody at
// such a domain becomes its lead: it is how a suppression of the domain above reaches them.
type Subdomains struct {
	hasher func(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
	told   *lru.Cache[toldDomain, struct{}]
}

// toldDomain is a hashed domain that an organisation was told of.
type toldDomain struct {
	org  uuid.UUID
	hash string
}

// Submit sends the n-th command of those that tell of domains.
type Submit func(n int, cmd commands.KnowSubdomains) error

// NewSubdomains returns one that has told nobody of anything yet.
func NewSubdomains(hasher func(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)) (*Subdomains, error) {
	told, err := lru.New[toldDomain, struct{}](maxTold)
	return &Subdomains{hasher, told}, err
}

// Tell tells an organisation of those of the domains that lie below others, unless it was told before. The domains are normalised.
func (s *Subdomains) Tell(ctx context.Context, org uuid.UUID, submit Submit, domains ...string) error {
	domains = slices.DeleteFunc(slices.Clone(domains), func(domain string) bool { return len(pii.ParentDomains(domain)) == 0 }) // nearly all
	if len(domains) == 0 {
		return nil
	}
	h, err := s.hasher(ctx, org)
	if err != nil {
		return err
	}
	items := slices.DeleteFunc(belowOthers(h, domains), func(x commands.Subdomain) bool { return s.told.Contains(toldDomain{org, x.Hash}) })
	n := 0
	for chunk := range slices.Chunk(items, commands.MaxItems) {
		if err := submit(n, commands.KnowSubdomains{Items: chunk}); err != nil {
			return err
		}
		for _, x := range chunk {
			s.told.Add(toldDomain{org, x.Hash}, struct{}{})
		}
		n++
	}
	return nil
}

// TellOfLeads tells of the domains of leads that lie below domains about to be suppressed. Leads from before organisations were told
// need it.
func (s *Subdomains) TellOfLeads(ctx context.Context, pool *pgxpool.Pool, org uuid.UUID, submit Submit, entries []Entry) error {
	var above []string
	for _, e := range entries {
		if e.Subdomains {
			above = append(above, e.Value)
		}
	}
	if len(above) == 0 {
		return nil
	}
	var below []string
	if err := postgres.InOrg(ctx, pool, org, func(tx pgx.Tx) (err error) {
		below, err = projections.LeadDomainsBelow(ctx, tx, org, above)
		return err
	}); err != nil {
		return err
	}
	return s.Tell(ctx, org, submit, below...)
}

// belowOthers describes domains that lie below others, each once.
func belowOthers(h *pii.Hasher, domains []string) (out []commands.Subdomain) {
	seen := map[string]bool{}
	for _, domain := range domains {
		if seen[domain] {
			continue
		}
		seen[domain] = true
		parents := pii.ParentDomains(domain)
		s := commands.Subdomain{Hash: h.DomainHash(domain).String()}
		for _, p := range parents[:min(len(parents), commands.MaxParents)] {
			s.Parents = append(s.Parents, h.DomainHash(p).String())
		}
		out = append(out, s)
	}
	return out
}
