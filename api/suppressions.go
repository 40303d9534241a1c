package api

import (
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/suppressions"
	"outrider/internal/pii"
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
	entries, items := make([]suppressions.Entry, len(body.Items)), make([]commands.SuppressionItem, len(body.Items))
	list := gen.SuppressionList{Data: make([]gen.SuppressionRef, len(body.Items))}
	for i, item := range body.Items {
		e, err := suppressions.Clean(string(item.Kind), item.Value, item.Subdomains)
		if err != nil {
			return invalidProblem(gen.FieldError{Field: "items." + strconv.Itoa(i) + ".value", Reason: err.Error()})
		}
		if item.Reason == "" {
			item.Reason = gen.SuppressionItemReasonManual
		}
		entries[i], items[i] = e, e.Item(h, string(item.Reason))
		list.Data[i] = gen.SuppressionRef{ID: aggregates.SuppressionID(in.org, e.Kind, items[i].Hash), Kind: gen.SuppressionKind(e.Kind), Value: e.Value, Subdomains: e.Subdomains}
	}
	if err := suppressions.Seal(in.ctx, s.cfg.Vault.Keys, in.org, entries, items); err != nil {
		return err
	}
	if err := s.subdomains.TellOfLeads(in.ctx, s.pool, in.org, s.tellAside(in), entries); err != nil {
		return err
	}
	if _, err := s.submitCommand(in, commands.AddSuppressions{Items: items}); err != nil {
		return err
	}
	return c.answerJSON(201, list)
}

// tellAside submits the commands that tell of subdomains beside what a request is about.
func (w *writeSide) tellAside(in *writeRequest) suppressions.Submit {
	return func(n int, cmd commands.KnowSubdomains) error {
		return w.submitAside(in, "subdomains "+strconv.Itoa(n), cmd)
	}
}

func (s *Server) listSuppressions(c *call) error {
	kind, value := c.textParam("kind"), c.textParam("value")
	var hash string
	if value != "" {
		h, err := s.cfg.Vault.Hasher(c.ctx, c.who.Org)
		if err != nil {
			return err
		}
		e, err := suppressions.Clean(kind, value, nil)
		if err != nil {
			none := 0 // what is no address can't be suppressed
			return c.answerJSON(200, gen.SuppressionPage{Data: []gen.Suppression{}, Total: &none})
		}
		kind, hash = e.Kind, e.Hash(h)
	}
	f := projections.SuppressionFilter{Search: c.textParam("q"), Kind: kind, Hash: hash, Reason: c.textParam("reason")}
	var page *projections.Page[projections.Suppression]
	data, next, total, err := listSorted(s.readSide, c, func(tx pgx.Tx, l projections.Listing) (_ *projections.Page[projections.Suppression], err error) {
		page, err = projections.ListSuppressions(c.ctx, tx, c.who.Org, f, l)
		return page, err
	}, suppressionOf)
	if err != nil {
		return err
	}
	if err := s.nameSuppressed(c, page.Rows[:len(data)], data); err != nil {
		return err
	}
	return c.answerJSON(200, gen.SuppressionPage{Data: data, NextCursor: next, Total: total})
}

func suppressionOf(x *projections.Suppression) (gen.Suppression, error) {
	out := gen.Suppression{ID: x.SuppressionID, Kind: gen.SuppressionKind(x.Kind), Value: valueOrZero(x.Value), Reason: x.Reason, CreatedAt: x.CreatedAt, Subdomains: x.Subdomains, LeadID: valueOrZero(x.LeadID)}
	if x.Kind == string(gen.SuppressionKindAddress) {
		out.Masked = pii.MaskAddress(out.Value)
	}
	return out, nil
}

func removeSuppression(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.RemoveSuppression{SuppressionID: id}, nil
}
