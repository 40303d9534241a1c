package pii

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Keys gets or creates the keys of subjects (up to 500 at a time) with one statement, in their order. It always asks
// Postgres, never the cache, so nothing is sealed with a key that is already erased.
func (v *Vault) Keys(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) ([]Key, error) {
	o, err := v.organisationKeys(ctx, org)
	if err != nil {
		return nil, err
	}
	// In order, as two callers with the same subjects would else wait for each other; it suits the index as well.
	missing := slices.SortedFunc(slices.Values(subjects), compareIDs)
	missing = slices.Compact(missing)
	found := make(map[uuid.UUID]Key, len(missing))
	before := v.erased.Load()
	// A second round is needed for subjects that another caller created while our statement ran: they are in the way of
	// the insert, yet not in the statement's snapshot.
	for round := 0; len(missing) > 0; round++ {
		if round == 10 {
			return nil, errors.New("create person keys: others create and erase the same ones all the time")
		}
		if missing, err = v.createKeys(ctx, o, org, missing, found); err != nil {
			return nil, fmt.Errorf("create person keys: %w", err)
		}
	}
	keys := make([]Key, len(subjects))
	for i, s := range subjects {
		keys[i] = found[s]
	}
	v.cacheKeys(before, keys)
	return keys, nil
}

// createKeys adds to found and returns the subjects to ask for again.
func (v *Vault) createKeys(ctx context.Context, o *orgKeys, org uuid.UUID, subjects []uuid.UUID, found map[uuid.UUID]Key) ([]uuid.UUID, error) {
	fresh := make([]Key, len(subjects))
	ids := make([]int64, len(subjects))
	wrapped := make([][]byte, len(subjects))
	for i, s := range subjects {
		var err error
		k := newKey(org, s)
		if wrapped[i], err = o.wrapKey(k); err != nil {
			return nil, err
		}
		fresh[i], ids[i] = k, int64(k.ID)
	}
	// Only what was there before comes back; during an import that is next to nothing.
	rows, err := v.pool.Query(ctx, `
		with input as materialized (
		  select * from unnest($2::uuid[], $3::bigint[], $4::bytea[]) as t (subject, key_id, wrapped)
		), created as (
		  insert into vault.person_keys (org_id, subject, key_id, wrapped)
		  select $1, subject, key_id, wrapped from input
		  on conflict do nothing returning subject
		), present as materialized (
		  select subject from input except all select subject from created
		)
		select p.subject, k.key_id, k.wrapped
		from present p left join vault.person_keys k on k.org_id = $1 and k.subject = p.subject`, org, rawIDs(subjects), ids, wrapped)
	if err != nil {
		return nil, err
	}
	var again []uuid.UUID
	present := map[uuid.UUID]bool{}
	var subject uuid.UUID
	var id *int64
	var stored []byte
	_, err = pgx.ForEachRow(rows, []any{&subject, &id, &stored}, func() error {
		present[subject] = true
		if id == nil {
			again = append(again, subject)
			return nil
		}
		k, err := o.unwrapKey(Ref{Org: org, Subject: subject, ID: KeyID(*id)}, stored)
		found[subject] = k
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, k := range fresh {
		if !present[k.Subject] {
			found[k.Subject] = k
		}
	}
	slices.SortFunc(again, compareIDs)
	return again, nil
}

func newKey(org, subject uuid.UUID) Key {
	k := Key{Ref: Ref{Org: org, Subject: subject}}
	var random [8 + keySize]byte
	rand.Read(random[:]) // never fails
	k.ID = KeyID(binary.BigEndian.Uint64(random[:8])>>12 | 1)
	copy(k.secret[:], random[8:])
	return k
}

func (o *orgKeys) wrapKey(k Key) ([]byte, error) { return o.wrap.Encrypt(k.secret[:], k.boundTo()) }

func (o *orgKeys) unwrapKey(r Ref, wrapped []byte) (Key, error) {
	secret, err := o.wrap.Decrypt(wrapped, r.boundTo())
	if err != nil || len(secret) != keySize {
		return Key{}, fmt.Errorf("unwrap key of %s: %w", r.Subject, ErrUnreadable)
	}
	return Key{Ref: r, secret: [keySize]byte(secret)}, nil
}

// boundTo ties a wrapped key to its row, so that rows can't be swapped.
func (r Ref) boundTo() []byte {
	return binary.BigEndian.AppendUint64(authenticatedData(r.Org, r.Subject, "person key"), uint64(r.ID))
}

// rawIDs are ids as pgx encodes them best: a slice of uuid.UUID goes through text and reflection.
func rawIDs(ids []uuid.UUID) [][16]byte {
	out := make([][16]byte, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
