package pii

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Lookup finds keys, of any organisations, for who reads what was sealed. A key that isn't there, or whose person has a
// newer one, is missing from the result: what it sealed reads as NULL.
//
// Keys found are remembered for Options.KeyTTL at most, so another process may still find an erased key that long; the
// process that erased it can't. Who writes what it read to a projection must therefore let `lead.erased`
// win over anything that was sealed with an older key: then live and rebuilt agree.
func (v *Vault) Lookup(ctx context.Context, refs []Ref) (map[Ref]Key, error) {
	found := make(map[Ref]Key, len(refs))
	var orgs, subjects []uuid.UUID
	asked := map[person]bool{}
	now, before := v.now(), v.erased.Load()
	for _, r := range refs {
		p := person{r.Org, r.Subject}
		if c, ok := v.persons.Get(p); ok && c.key.ID == r.ID && now.Before(c.expires) {
			found[r] = c.key
		} else if !asked[p] {
			asked[p] = true
			orgs, subjects = append(orgs, r.Org), append(subjects, r.Subject)
		}
	}
	if len(subjects) == 0 {
		return found, nil
	}
	read, err := v.readKeys(ctx, orgs, subjects)
	if err != nil {
		return nil, fmt.Errorf("look up person keys: %w", err)
	}
	for _, r := range refs {
		if k, ok := read[person{r.Org, r.Subject}]; ok && k.ID == r.ID {
			found[r] = k
		}
	}
	keys := make([]Key, 0, len(read))
	for _, k := range read {
		keys = append(keys, k)
	}
	v.cacheKeys(before, keys)
	return found, nil
}

func (v *Vault) readKeys(ctx context.Context, orgs, subjects []uuid.UUID) (map[person]Key, error) {
	rows, err := v.pool.Query(ctx, `
		select k.org_id, k.subject, k.key_id, k.wrapped
		from unnest($1::uuid[], $2::uuid[]) as t (org_id, subject) join vault.person_keys k using (org_id, subject)`, rawIDs(orgs), rawIDs(subjects))
	if err != nil {
		return nil, err
	}
	type row struct {
		Ref
		wrapped []byte
	}
	stored, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (k row, err error) {
		return k, r.Scan(&k.Org, &k.Subject, &k.ID, &k.wrapped)
	})
	if err != nil {
		return nil, err
	}
	read := make(map[person]Key, len(stored))
	for _, s := range stored {
		o, err := v.knownOrganisation(ctx, s.Org)
		if err != nil {
			return nil, err
		}
		if o == nil {
			continue // destroyed meanwhile
		}
		k, err := o.unwrapKey(s.Ref, s.wrapped)
		if err != nil {
			return nil, err
		}
		read[person{s.Org, s.Subject}] = k
	}
	return read, nil
}

// cacheKeys caches keys unless someone was erased since the caller began to read. It adds before it looks: an erasure that
// counts later removes the key itself.
func (v *Vault) cacheKeys(before uint64, keys []Key) {
	expires := v.now().Add(v.ttl)
	for _, k := range keys {
		p := person{k.Org, k.Subject}
		v.persons.Add(p, cachedKey{key: k, expires: expires})
		if v.erased.Load() != before {
			v.persons.Remove(p)
			return
		}
	}
}
