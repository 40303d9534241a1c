package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/events"
	"outrider/internal/es"
)

// Flag is a row of read.flags: a flag of the installation.
type Flag struct {
	OrgID     uuid.UUID       `db:"org_id"`
	Flag      string          `db:"flag"`
	Rule      json.RawMessage `db:"rule"` // events.FlagRule
	Seed      uuid.UUID       `db:"seed"`
	Killed    bool            `db:"killed"`
	Phase     string          `db:"phase"`
	Version   int             `db:"version"`
	CreatedAt time.Time       `db:"created_at"`
	UpdatedAt time.Time       `db:"updated_at"`
}

// FlagVersion is a row of read.flag_versions: a flag as it was from one of its events on.
type FlagVersion struct {
	OrgID     uuid.UUID       `db:"org_id"`
	Oseq      int64           `db:"oseq"`
	Flag      string          `db:"flag"`
	Version   int             `db:"version"`
	Change    string          `db:"change"` // type of the event
	Rule      json.RawMessage `db:"rule"`
	Seed      uuid.UUID       `db:"seed"`
	Killed    bool            `db:"killed"`
	Phase     string          `db:"phase"`
	Reason    string          `db:"reason"`
	ActorKind string          `db:"actor_kind"`
	ActorID   string          `db:"actor_id"`
	At        time.Time       `db:"at"`
}

// FlagSwitch is a row of read.flag_switches: what a flag has switched in an organisation.
type FlagSwitch struct {
	OrgID      uuid.UUID `db:"org_id"`
	Flag       string    `db:"flag"`
	On         bool      `db:"is_on"`
	Version    int       `db:"version"`
	Why        string    `db:"why"`
	SwitchedAt time.Time `db:"switched_at"`
}

type flagKey struct {
	org  uuid.UUID
	flag string
}

func foldFlags(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	flags, switches := newFold[flagKey, Flag](), newFold[flagKey, FlagSwitch]()
	var versions []*FlagVersion
	if err := loadFlags(ctx, tx, flags, batch); err != nil {
		return err
	}
	for _, e := range batch {
		p := events.As[events.FlagEvent](e.Payload)
		if isTrial(p) {
			continue // changes no flag: see foldFlagTrials
		}
		if s, ok := p.(events.FlagSwitched); ok {
			switches.putRow(flagKey{e.Org, s.Flag}, &FlagSwitch{e.Org, s.Flag, s.On, s.Version, s.Why, e.Time})
			continue
		}
		if p == nil {
			continue
		}
		f, reason, err := applyFlag(flags, e, p)
		if err != nil {
			return err
		}
		if f != nil {
			versions = append(versions, &FlagVersion{e.Org, e.Oseq, f.Flag, f.Version, e.Type, f.Rule, f.Seed, f.Killed, f.Phase, reason, e.Actor.Kind, replaceNUL(e.Actor.ID), e.Time})
		}
	}
	return errors.Join(upsertRows(ctx, tx, "flags", "org_id, flag", flags.liveRows()), upsertRows(ctx, tx, "flag_versions", "org_id, oseq", versions),
		upsertRows(ctx, tx, "flag_switches", "org_id, flag", switches.liveRows()))
}

// loadFlags reads all flags of the installation when a batch changes any: they are few.
func loadFlags(ctx context.Context, tx pgx.Tx, flags *fold[flagKey, Flag], batch []*es.Event) error {
	for _, e := range batch {
		if _, ok := e.Payload.(events.FlagEvent); !ok {
			continue
		}
		if _, ok := e.Payload.(events.FlagSwitched); ok {
			continue
		}
		found, err := tx.Query(ctx, `select org_id, flag, rule, seed, killed, phase, version, created_at, updated_at from flags where org_id = $1`, e.Org)
		all, err := collectAll[Flag](found, err, "load flags")
		if err != nil {
			return err
		}
		for _, f := range all {
			flags.putRow(flagKey{f.OrgID, f.Flag}, f)
		}
		return nil
	}
	return nil
}

func applyFlag(flags *fold[flagKey, Flag], e *es.Event, p events.FlagEvent) (f *Flag, reason string, err error) {
	if made, ok := p.(events.FlagCreated); ok {
		f = &Flag{OrgID: e.Org, Flag: made.Flag, Seed: made.Seed, Phase: made.Phase, Version: 1, CreatedAt: e.Time, UpdatedAt: e.Time}
		if f.Rule, err = es.Marshal(made.FlagRule); err != nil {
			return nil, "", fmt.Errorf("rule of flag %s: %w", made.Flag, err)
		}
		flags.putRow(flagKey{e.Org, made.Flag}, f)
		return f, "", nil
	}
	if f = flags.rows[flagKey{e.Org, p.AggregateID()}]; f == nil {
		return nil, "", nil
	}
	f.Version, f.UpdatedAt = f.Version+1, e.Time
	switch p := p.(type) {
	case events.FlagChanged:
		f.Phase, reason = p.Phase, p.Note
		f.Rule, err = es.Marshal(p.FlagRule)
	case events.FlagKilled:
		f.Killed, reason = true, p.Reason
	case events.FlagRevived:
		f.Killed, reason = false, p.Reason
	case events.FlagScheduleReached:
		f.Phase = p.Phase
	case events.FlagCreated, events.FlagSwitched, events.FlagTrialStarted, events.FlagTrialEnded: // above
	}
	return f, reason, err
}

// ListFlags returns the flags of the installation, by name.
func ListFlags(ctx context.Context, tx pgx.Tx) ([]*Flag, error) {
	rows, err := tx.Query(ctx, selectFrom[Flag]("flags")+`where org_id = $1 order by flag`, es.SystemOrg)
	return collectAll[Flag](rows, err, "list flags")
}

// ListFlagVersions returns the versions of a flag, the newest first; before = the oldest one seen, 0 = from the newest.
func ListFlagVersions(ctx context.Context, tx pgx.Tx, flag string, before, limit int) ([]*FlagVersion, error) {
	rows, err := tx.Query(ctx, selectFrom[FlagVersion]("flag_versions")+`where org_id = $1 and flag = $2 and ($3 = 0 or version < $3) order by version desc limit $4`, es.SystemOrg, flag, before, limit)
	return collectAll[FlagVersion](rows, err, "list versions of a flag")
}

// ListFlagSwitches returns what flags have switched in an organisation.
func ListFlagSwitches(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]*FlagSwitch, error) {
	rows, err := tx.Query(ctx, selectFrom[FlagSwitch]("flag_switches")+`where org_id = $1 order by flag`, org)
	return collectAll[FlagSwitch](rows, err, "list what flags switch")
}

// FlagTarget is an organisation as a flag sees it.
type FlagTarget struct {
	OrgID uuid.UUID `db:"org_id"`
	Plan  string    `db:"plan"`
	On    *bool     `db:"is_on"` // what the flag has switched there; nil = nothing
}

// FlagTargets lists all organisations that a flag may reach, as the projector.
func FlagTargets(ctx context.Context, all *pgxpool.Pool, flag string) ([]*FlagTarget, error) {
	rows, err := all.Query(ctx, `select o.org_id, o.plan, s.is_on from read.organizations o left join read.flag_switches s on s.org_id = o.org_id and s.flag = $1 where o.deleted_at is null order by o.org_id`, flag)
	return collectAll[FlagTarget](rows, err, "list organisations for a flag")
}
