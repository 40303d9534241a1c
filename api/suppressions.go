package api

import (
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/pii"
	"outrider/internal/profile"
	"outrider/projections"
)

func (s *Server) addSuppressions(c *call, body gen.SuppressionCreate) error {
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	h, err := s.cfg.Vault.Hasher(c.ctx, in.org)
	if err != nil {
		return err
	}
	var cmd commands.AddSuppressions
	list := gen.SuppressionList{Data: make([]gen.SuppressionRef, len(body.Items))}
	subjects := make([]uuid.UUID, len(body.Items))
	for i, item := range body.Items {
		value, hash, err := normalizeSuppressed(h, item.Kind, item.Value)
		if err != nil {
			return invalidProblem(gen.FieldError{Field: "items." + strconv.Itoa(i) + ".value", Reason: strings.TrimPrefix(err.Error(), pii.ErrAddress.Error()+": ")})
		}
		if item.Reason == "" {
			item.Reason = gen.SuppressionItemReasonManual
		}
		subjects[i] = aggregates.SuppressionID(in.org, string(item.Kind), hash)
		list.Data[i] = gen.SuppressionRef{ID: subjects[i], Kind: item.Kind, Value: value}
		cmd.Items = append(cmd.Items, commands.SuppressionItem{Kind: string(item.Kind), Hash: hash, Reason: string(item.Reason)})
	}
	keys, err := s.cfg.Vault.Keys(c.ctx, in.org, subjects)
	if err != nil {
		return err
	}
	for i, key := range keys {
		if cmd.Items[i].Value, err = asSealedEvent(key.Seal(profile.SuppressionField, []byte(list.Data[i].Value))); err != nil {
			return err
		}
	}
	if _, err := s.submitCommand(in, cmd); err != nil {
		return err
	}
	return c.answerJSON(201, list)
}

// normalizeSuppressed returns what is suppressed in its normal form, and its hash.
func normalizeSuppressed(h *pii.Hasher, kind gen.SuppressionKind, value string) (normal, hash string, err error) {
	if kind == events.SuppressDomain {
		// A domain is what may stand after an @.
		address, err := pii.NormalizeAddress("x@" + strings.TrimPrefix(strings.TrimSpace(value), "@"))
		if err != nil {
			return "", "", err
		}
		domain := pii.Domain(address)
		return domain, h.DomainHash(domain).String(), nil
	}
	if normal, err = pii.NormalizeAddress(value); err != nil {
		return "", "", err
	}
	return normal, h.AddressHash(normal).String(), nil
}

func (s *Server) listSuppressions(c *call) error {
	kind, value := c.textParam("kind"), c.textParam("value")
	var hash string
	if value != "" {
		h, err := s.cfg.Vault.Hasher(c.ctx, c.who.Org)
		if err != nil {
			return err
		}
		if kind == "" {
			if kind = events.SuppressDomain; strings.Contains(value, "@") {
				kind = events.SuppressAddress
			}
		}
		if _, hash, err = normalizeSuppressed(h, gen.SuppressionKind(kind), value); err != nil {
			return c.answerJSON(200, gen.SuppressionPage{Data: []gen.Suppression{}})
		}
	}
	data, next, err := listPage(s, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Suppression, error) {
		return projections.ListSuppressions(c.ctx, tx, c.who.Org, kind, hash, after, limit)
	}, func(x *projections.Suppression) int64 { return x.Oseq }, func(x *projections.Suppression) (gen.Suppression, error) {
		return gen.Suppression{ID: x.SuppressionID, Kind: gen.SuppressionKind(x.Kind), Value: valueOrZero(x.Value), Reason: x.Reason, CreatedAt: x.CreatedAt}, nil
	})
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.SuppressionPage{Data: data, NextCursor: next})
}

func removeSuppression(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.RemoveSuppression{SuppressionID: id}, nil
}
