package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/pii"
)

// origins seals and opens where requests came from.
type origins struct {
	vault *pii.Vault
	keys  *keyBatcher
}

// sealOrigin seals the address that a request came from, under a key of whoever made it, for the log. With the key it can be
// erased: a lead's is the lead's own, and nobody who was erased gets a new one for it.
func (o *origins) sealOrigin(ctx context.Context, org uuid.UUID, actor es.Actor, address string) (string, error) {
	home, subject, err := originKey(org, actor)
	if err != nil {
		return "", err
	}
	found, err := o.vault.Existing(ctx, home, []uuid.UUID{subject})
	if err != nil {
		return "", err
	}
	key, ok := found[subject]
	if !ok && actor.Kind == es.ActorPerson {
		return "", nil
	}
	if !ok {
		if key, err = o.keys.keyOf(ctx, home, subject); err != nil {
			return "", err
		}
	}
	sealed, err := key.Seal(pii.OriginField, []byte(address))
	if err != nil {
		return "", err
	}
	return strconv.FormatInt(sealed.K, 10) + "." + base64.RawStdEncoding.EncodeToString(sealed.C), nil
}

// originKey says whose key an origin is sealed with. Operators belong to no organisation that asks for something.
func originKey(org uuid.UUID, actor es.Actor) (home, subject uuid.UUID, err error) {
	if actor.Kind == es.ActorOperator {
		org = es.SystemOrg
	}
	if subject, err = uuid.Parse(actor.ID); err != nil {
		return org, subject, fmt.Errorf("actor %s %s: %w", actor.Kind, actor.ID, err)
	}
	return org, subject, nil
}

// openOrigins opens those of events of one organisation, by event id. What nobody can read any more is missing.
func (o *origins) openOrigins(ctx context.Context, events []*es.Event) (map[uuid.UUID]string, error) {
	sealed := map[uuid.UUID]pii.Sealed{}
	of := map[uuid.UUID]pii.Ref{}
	var refs []pii.Ref
	for _, e := range events {
		id, text, ok := strings.Cut(e.Origin, ".")
		home, subject, err := originKey(e.Org, e.Actor)
		if !ok || err != nil {
			continue // none, or not from here
		}
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			continue
		}
		c, err := base64.RawStdEncoding.DecodeString(text)
		if err != nil {
			continue
		}
		of[e.ID] = pii.Ref{Org: home, Subject: subject, ID: pii.KeyID(n)}
		sealed[e.ID] = pii.Sealed{K: n, C: c}
		refs = append(refs, of[e.ID])
	}
	keys, err := o.vault.Lookup(ctx, refs)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]string{}
	for id, ref := range of {
		key, ok := keys[ref]
		if !ok {
			continue
		}
		if plain, err := key.Open(pii.OriginField, sealed[id]); err == nil {
			out[id] = string(plain)
		}
	}
	return out, nil
}
