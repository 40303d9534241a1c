package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/projections"
)

// flagHandlers answer who runs the installation about feature flags, and organisations about what those switch for them.
type flagHandlers struct {
	*readSide
	*writeSide
	directory *identity.Directory // nil = only keys sign in here, and nobody counts organisations
	columns   driver.Conn         // nil = there is no ClickHouse
}

func forFlags(handle func(*flagHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&flagHandlers{s.readSide, s.writeSide, s.cfg.Directory, s.cfg.Columns}, c)
	}
}

func (f *flagHandlers) listFlags(c *call) error {
	rows, err := f.loadFlags(c)
	if err != nil {
		return err
	}
	listed, err := f.listedOrganizations(c)
	if err != nil {
		return err
	}
	out := gen.FlagList{Data: []gen.Flag{}}
	for _, feature := range events.FeatureList() {
		if !slices.ContainsFunc(rows, func(r *projections.Flag) bool { return r.Flag == feature.Name }) {
			out.Data = append(out.Data, gen.Flag{Name: feature.Name, Guards: feature.Is, Phase: gen.FlagPhase(events.FlagPhaseOpen), Reached: len(listed), Organizations: len(listed),
				Rule: ruleOf(events.FlagRule{Description: feature.Is, Enabled: true, Rollout: events.FlagParts})})
		}
	}
	for _, row := range rows {
		one, err := flagOf(row, listed)
		if err != nil {
			return err
		}
		out.Data = append(out.Data, one)
	}
	slices.SortFunc(out.Data, func(a, b gen.Flag) int { return strings.Compare(a.Name, b.Name) })
	return c.answerJSON(http.StatusOK, out)
}

func (f *flagHandlers) loadFlags(c *call) (rows []*projections.Flag, err error) {
	err = f.readInOrg(c, es.SystemOrg, func(tx pgx.Tx) (err error) {
		rows, err = projections.ListFlags(c.ctx, tx)
		return err
	})
	return rows, err
}

// listedOrganizations are those that a flag may reach.
func (f *flagHandlers) listedOrganizations(c *call) (all []identity.Listed, err error) {
	const page = 1_000
	for after := ""; f.directory != nil; {
		found, err := f.directory.Find(c.ctx, identity.DirectoryFilter{}, after, page)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
		if len(found) < page {
			break
		}
		after = found[page-1].Slug
	}
	return all, nil
}

func flagOf(row *projections.Flag, listed []identity.Listed) (gen.Flag, error) {
	is, err := flagStateOf(row)
	if err != nil {
		return gen.Flag{}, err
	}
	out := gen.Flag{Name: row.Flag, Rule: ruleOf(is.Rule), Killed: row.Killed, Phase: gen.FlagPhase(row.Phase), Version: row.Version, Organizations: len(listed), CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	for _, feature := range events.FeatureList() {
		if feature.Name == row.Flag {
			out.Guards = feature.Is
		}
	}
	for _, l := range listed {
		if on, _ := is.Reaches(l.Org, l.Plan); on {
			out.Reached++
		}
	}
	return out, nil
}

func flagStateOf(row *projections.Flag) (events.FlagState, error) {
	is := events.FlagState{Seed: row.Seed, Killed: row.Killed, Phase: row.Phase, Version: row.Version}
	if err := json.Unmarshal(row.Rule, &is.Rule); err != nil {
		return is, fmt.Errorf("rule of flag %s: %w", row.Flag, err)
	}
	return is, nil
}

func ruleOf(r events.FlagRule) gen.FlagRule {
	return gen.FlagRule{Description: r.Description, Enabled: r.Enabled, Rollout: r.Rollout, Organizations: append([]uuid.UUID{}, r.Organizations...), Plans: append([]string{}, r.Plans...), StartsAt: r.StartsAt, EndsAt: r.EndsAt}
}

func ruleIn(b gen.FlagSet) events.FlagRule {
	return events.FlagRule{Description: b.Description, Enabled: b.Enabled, Rollout: b.Rollout, Organizations: b.Organizations, Plans: b.Plans, StartsAt: b.StartsAt, EndsAt: b.EndsAt}
}

func (f *flagHandlers) setFlag(c *call, body gen.FlagSet) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	return f.change(c, commands.SetFlag{FlagRef: flagRef(c), FlagRule: ruleIn(body), Note: body.Note, IfVersion: version})
}

func flagRef(c *call) events.FlagRef { return events.FlagRef{Flag: c.Params("name")} }

func (f *flagHandlers) killFlag(c *call, body gen.FlagKill) error {
	return f.change(c, commands.KillFlag{FlagRef: flagRef(c), Reason: body.Reason})
}

func (f *flagHandlers) reviveFlag(c *call, body gen.FlagRevive) error {
	return f.change(c, commands.ReviveFlag{FlagRef: flagRef(c), Reason: body.Reason})
}

// change submits a command of the installation, and shows the flag after it.
func (f *flagHandlers) change(c *call, cmd commands.Command) error {
	in, err := f.beginWrite(c, es.SystemOrg, es.SystemOrg)
	if err != nil {
		return err
	}
	a, err := f.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return f.showAfterChange(c, "flags", a, func() error {
		rows, err := f.loadFlags(c)
		if err != nil {
			return err
		}
		listed, err := f.listedOrganizations(c)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Flag == c.Params("name") {
				out, err := flagOf(row, listed)
				if err != nil {
					return err
				}
				return c.answerVersioned(out, out.Version)
			}
		}
		return notFoundProblem()
	})
}

// mostExamples is how many organisations a dry run names.
const mostExamples = 20

// previewFlag says what a rule would change, by the code that will decide it.
func (f *flagHandlers) previewFlag(c *call, body gen.FlagSet) error {
	rows, err := f.loadFlags(c)
	if err != nil {
		return err
	}
	listed, err := f.listedOrganizations(c)
	if err != nil {
		return err
	}
	name := c.Params("name")
	next := events.FlagState{Rule: ruleIn(body), Seed: events.FlagSeed(name), Phase: events.FlagPhaseAt(ruleIn(body), f.now())}
	var before *events.FlagState
	for _, row := range rows {
		if row.Flag == name {
			is, err := flagStateOf(row)
			if err != nil {
				return err
			}
			before, next.Seed, next.Killed = &is, is.Seed, is.Killed
		}
	}
	out := gen.FlagEffect{Organizations: len(listed), Examples: []gen.FlagChangeOf{}}
	for _, l := range listed {
		on, why := next.Reaches(l.Org, l.Plan)
		was := events.IsFeature(name)
		if before != nil {
			was, _ = before.Reaches(l.Org, l.Plan)
		}
		if on {
			out.Reached++
		}
		switch {
		case on && !was:
			out.Gain++
		case was && !on:
			out.Lose++
		default:
			continue
		}
		if len(out.Examples) < mostExamples {
			out.Examples = append(out.Examples, gen.FlagChangeOf{OrganizationID: l.Org, Slug: l.Slug, Name: l.Name, Plan: l.Plan, On: on, Why: why})
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

func (f *flagHandlers) listFlagVersions(c *call) error {
	data, next, err := listPage(f.readSide, c, es.SystemOrg, func(tx pgx.Tx, before int64, limit int) ([]*projections.FlagVersion, error) {
		return projections.ListFlagVersions(c.ctx, tx, c.Params("name"), int(before), limit)
	}, func(v *projections.FlagVersion) int64 { return int64(v.Version) }, func(v *projections.FlagVersion) (gen.FlagVersion, error) {
		is, err := flagStateOf(&projections.Flag{Flag: v.Flag, Rule: v.Rule})
		return gen.FlagVersion{Version: v.Version, Change: v.Change, Rule: ruleOf(is.Rule), Killed: v.Killed, Phase: gen.FlagPhase(v.Phase), Reason: v.Reason, By: v.ActorKind + ":" + v.ActorID, At: v.At}, err
	})
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.FlagVersionPage{Data: data, NextCursor: next})
}

// listFeatures says what the caller's organisation has.
func (f *flagHandlers) listFeatures(c *call) error {
	out := gen.FeatureList{Data: []gen.Feature{}}
	for _, feature := range events.FeatureList() {
		out.Data = append(out.Data, gen.Feature{Name: feature.Name, Description: feature.Is, On: true})
	}
	if err := f.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		switches, err := projections.ListFlagSwitches(c.ctx, tx, c.who.Org)
		for _, s := range switches {
			for i := range out.Data {
				if out.Data[i].Name == s.Flag {
					out.Data[i].On, out.Data[i].Why, out.Data[i].Since = s.On, s.Why, s.SwitchedAt
				}
			}
		}
		return err
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}
