package node

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/scoring"
	"outrider/internal/app/leads"
	"outrider/internal/postgres"
	"outrider/projections"
)

// newScoring scores leads by the organisation's rules.
func (n *Node) newScoring() (*scoring.Scoring, error) {
	return scoring.New(scoring.Config{Reads: scoreReads{n}, Commands: n.Gateway, Await: n.awaitReads, Now: n.clock.Now})
}

type scoreReads struct{ *Node }

// Rules returns the rules that hold.
func (r scoreReads) Rules(ctx context.Context, org uuid.UUID) (row *projections.ScoreRules, err error) {
	err = postgres.InOrg(ctx, r.Pools.API, org, func(tx pgx.Tx) (err error) {
		row, err = projections.CurrentScoreRules(ctx, tx, org)
		return err
	})
	return row, err
}

// Inputs reads leads with what is known of them.
func (r scoreReads) Inputs(ctx context.Context, org uuid.UUID, pick projections.ScorePick) (page []*projections.ScoreInput, err error) {
	err = postgres.InOrg(ctx, r.Pools.API, org, func(tx pgx.Tx) (err error) {
		page, err = projections.ReadScoreInputs(ctx, tx, org, pick)
		return err
	})
	return page, err
}

// DomainHash returns the hash of a company's domain.
func (r scoreReads) DomainHash(ctx context.Context, org, company uuid.UUID) (hash string, err error) {
	var row *projections.Company
	err = postgres.InOrg(ctx, r.Pools.API, org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetCompany(ctx, tx, org, company)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.Domain == nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	h, err := r.vault.Hasher(ctx, org)
	if err != nil {
		return "", err
	}
	_, hash, _ = leads.Hashes(h, "x@"+*row.Domain)
	return hash, nil
}
