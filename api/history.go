package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/asof"
	"outrider/internal/audit"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/projections"
	"outrider/projections/analytics"
	"outrider/projections/reconcile"
)

// historyHandlers answer what the page of the history asks besides the list of events.
type historyHandlers struct {
	*auditHandlers
	past *pastSide
}

func forHistory(handle func(*historyHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		if s.audit.columns == nil {
			return unavailableProblem(codeUnavailable, errNoColumns)
		}
		return handle(&historyHandlers{s.audit, s.pastSide}, c)
	}
}

const (
	defaultBuckets = 60
	causesShown    = 500 // events of a trace that are looked at
)

// countAuditEvents counts what the list would list, in stretches of whole seconds.
func (h *historyHandlers) countAuditEvents(c *call) error {
	f, err := c.auditFilter()
	if err != nil {
		return err
	}
	history := analytics.History{Conn: h.columns}
	first, last, err := history.Bounds(c.ctx, c.who.Org)
	if err != nil {
		return err
	}
	if f.From.IsZero() {
		f.From = first.Truncate(time.Second)
	}
	if f.To.IsZero() {
		f.To = last.Add(time.Microsecond)
	}
	if !f.To.After(f.From) {
		return c.answerJSON(http.StatusOK, gen.AuditHistogram{From: f.From, To: f.From, BucketSeconds: 1, Buckets: []gen.AuditBucket{}})
	}
	width := bucketWidth(f.To.Sub(f.From), c.numberParam("buckets", defaultBuckets))
	counts, err := history.Histogram(c.ctx, c.who.Org, f, width)
	if err != nil {
		return err
	}
	out := gen.AuditHistogram{From: f.From, To: f.To, BucketSeconds: int64(width / time.Second), Buckets: make([]gen.AuditBucket, len(counts))}
	for i, b := range counts {
		end := b.From.Add(width)
		if end.After(f.To) {
			end = f.To
		}
		out.Total += b.Count
		out.Buckets[i] = gen.AuditBucket{From: b.From, To: end, Count: b.Count}
	}
	return c.answerJSON(http.StatusOK, out)
}

// getAuditHead tells what chains have verified, and when that was signed and compared last.
func (h *historyHandlers) getAuditHead(c *call) error {
	var out gen.AuditHead
	err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		chain, err := projections.GetChain(c.ctx, tx, c.who.Org)
		if err != nil {
			return err
		}
		out.Oseq, out.Time, out.Chain, out.VerifiedTo, out.Intact = chain.Oseq, chain.Time, es.ChainHash(chain.Chain).String(), chain.Oseq, chain.Broken == nil
		if chain.Broken != nil {
			out.VerifiedTo = *chain.Broken - 1
		}
		signed, err := audit.Newest(c.ctx, tx, c.who.Org)
		if err != nil {
			return err
		}
		if signed != nil {
			out.Checkpoint = gen.AuditSigned{Oseq: signed.Oseq, SignedAt: signed.Time, KeyID: signed.Key}
		}
		compared, err := reconcile.Latest(c.ctx, tx, c.who.Org)
		if err == nil && !compared.CheckedAt.IsZero() {
			out.Reconciled = gen.AuditCompared{At: compared.CheckedAt, Agrees: compared.Agrees}
		}
		if errors.Is(err, pgx.ErrNoRows) {
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

// getAuditEvent shows an event between its causes and its effects.
func (h *historyHandlers) getAuditEvent(c *call, id uuid.UUID) error {
	history := analytics.History{Conn: h.columns}
	e, err := history.ByID(c.ctx, c.who.Org, id)
	if err != nil {
		return err
	}
	if e == nil {
		return notFoundProblem()
	}
	trace, err := history.ByCorrelation(c.ctx, c.who.Org, e.CorrelationID, analytics.Page{Limit: causesShown})
	if err != nil {
		return err
	}
	byID := map[uuid.UUID]*es.Event{}
	for _, x := range trace {
		byID[x.ID] = x
	}
	var causes, effects, beside []*es.Event
	for x := byID[e.CausationID]; x != nil && x.ID != e.ID && len(causes) < len(trace); x = byID[x.CausationID] {
		causes = append(causes, x)
	}
	slices.Reverse(causes)
	for _, x := range trace {
		switch {
		case x.CausationID == e.ID && x.ID != e.ID:
			effects = append(effects, x)
		case x.CommandID == e.CommandID && x.ID != e.ID:
			beside = append(beside, x)
		}
	}
	shown, err := h.auditEntries(c, slices.Concat([]*es.Event{e}, causes, effects, beside))
	if err != nil {
		return err
	}
	out := gen.AuditEventDetail{Event: shown[0], Causes: shown[1 : 1+len(causes)], Effects: shown[1+len(causes) : 1+len(causes)+len(effects)], Beside: shown[1+len(causes)+len(effects):]}
	if out.Before, out.After, err = h.aroundEvent(c, e, out.Event.About); err != nil {
		return err
	}
	out.Changes = changedFields(out.Before, out.After)
	return c.answerJSON(http.StatusOK, out)
}

// aroundEvent shows what an event is about as it was just before and after; nil for kinds without a past.
func (h *historyHandlers) aroundEvent(c *call, e *es.Event, about gen.AuditSubject) (before, after map[string]any, err error) {
	kind, id := about.Kind, about.ID
	if !mayCompare(c, kind) {
		return nil, nil, nil
	}
	if before, err = h.objectAt(c, kind, id, e.Time.Add(-time.Microsecond)); err == nil {
		after, err = h.objectAt(c, kind, id, e.Time)
	}
	return before, after, err
}

// comparableBy is which permission a kind of object with a past needs.
func comparableBy(kind string) (identity.Scope, bool) {
	scope, ok := map[string]identity.Scope{"organization": identity.OrganizationRead, "lead": identity.LeadsRead, "campaign": identity.CampaignsRead, "enrollment": identity.CampaignsRead, "mailbox": identity.MailboxesRead}[kind]
	return scope, ok
}

func mayCompare(c *call, kind string) bool {
	scope, ok := comparableBy(kind)
	return ok && c.who.Has(scope)
}

// compareInstants shows what differs of an object between two instants.
func (h *historyHandlers) compareInstants(c *call) error {
	kind, id := c.textParam("kind"), c.uuidParam("subject")
	if scope, ok := comparableBy(kind); ok && !c.who.Has(scope) {
		return forbiddenProblem("scope "+string(scope)+", too", scope)
	}
	from, err := c.instantParam("from")
	if err != nil {
		return err
	}
	to, err := c.instantParam("to")
	if err != nil {
		return err
	}
	now := h.now().UTC()
	if to.IsZero() {
		to = now
	}
	if from.IsZero() || kind == "" || id == uuid.Nil || to.Before(from) || to.After(now) {
		return malformedProblem("kind, subject and from are needed, and from, to and now must follow each other")
	}
	before, err := h.objectAt(c, kind, id, from)
	if err != nil {
		return err
	}
	after, err := h.objectAt(c, kind, id, to)
	if err != nil {
		return err
	}
	if before == nil && after == nil {
		return newProblem(commands.CodeNotFound, "there was none at either instant")
	}
	counts, err := analytics.History{Conn: h.columns}.TypeCounts(c.ctx, c.who.Org, analytics.AuditFilter{Subject: id.String(), From: from.Add(time.Microsecond), To: to.Add(time.Microsecond)})
	if err != nil {
		return err
	}
	out := gen.Changes{From: from, To: to, Changes: changedFields(before, after), Events: []gen.TypeCount{}}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		list := map[string]string{"subject": id.String(), "type": name, "from": from.Add(time.Microsecond).Format(time.RFC3339Nano), "to": to.Add(time.Microsecond).Format(time.RFC3339Nano)}
		out.Events = append(out.Events, gen.TypeCount{Type: name, Count: counts[name], List: gen.ListLink{Path: "/v1/audit/events", Query: list}})
	}
	return c.answerJSON(http.StatusOK, out)
}

// objectAt is an object as it was at an instant, as the API shows it; nil = there was none.
func (h *historyHandlers) objectAt(c *call, kind string, id uuid.UUID, at time.Time) (out map[string]any, err error) {
	model := map[string]string{"organization": "organizations", "lead": "leads", "mailbox": "mailboxes"}[kind]
	err = h.past.showPast(c, asof.Subject{Org: c.who.Org, Model: cmp.Or(model, "campaigns"), Only: id}, at, func(m *asof.Snapshot) error {
		view, err := viewPast(m, kind, id)
		if err != nil || view == nil {
			return err
		}
		data, err := json.Marshal(view)
		if err != nil {
			return err
		}
		return json.Unmarshal(data, &out)
	})
	if errors.Is(err, asof.ErrNotBegun) {
		return nil, nil
	}
	if err == nil && kind == "lead" && out != nil {
		out, err = h.forgetErased(c, id, out)
	}
	return out, err
}

// forgetErased leaves nothing personal of who was erased since.
func (h *historyHandlers) forgetErased(c *call, id uuid.UUID, was map[string]any) (out map[string]any, err error) {
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		today, err := projections.GetLead(c.ctx, tx, c.who.Org, id)
		if out = was; err == nil && today.ErasedAt != nil {
			out = map[string]any{"id": id.String(), "erased_at": today.ErasedAt.UTC().Format(time.RFC3339Nano)}
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return out, err
}

// viewPast is an object of the past as the API shows it; nil = there was none.
func viewPast(m *asof.Snapshot, kind string, id uuid.UUID) (any, error) {
	switch kind {
	case "organization":
		if row := m.Past.Organization(); row != nil {
			return organizationOf(row)
		}
	case "lead":
		if row := m.Past.Lead(id); row != nil {
			return leadOf(row)
		}
	case "campaign":
		if row := m.Past.Campaign(id); row != nil {
			return campaignOf(row)
		}
	case "enrollment":
		if row := m.Past.Enrollment(id); row != nil {
			return enrollmentOf(row)
		}
	case "mailbox":
		if row := m.Past.Mailbox(id); row != nil && row.RemovedAt == nil {
			return mailboxOf(row)
		}
	}
	return nil, nil
}

// changedFields lists the fields that differ, by name; versions and times of changes aside, which differ always.
func changedFields(before, after map[string]any) []gen.FieldChange {
	out := []gen.FieldChange{}
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, had := before[name]
		is, has := after[name]
		if name == "version" || name == "updated_at" || name == "as_of" || had == has && reflect.DeepEqual(was, is) {
			continue
		}
		out = append(out, gen.FieldChange{Field: name, Before: fieldText(was, had), After: fieldText(is, has)})
	}
	return out
}

func fieldText(v any, there bool) string {
	if !there {
		return ""
	}
	data, _ := json.Marshal(v) // it was JSON
	return string(data)
}

// bucketWidth is the number of whole seconds that divides a span into at most so many buckets.
func bucketWidth(span time.Duration, buckets int) time.Duration {
	most := span.Seconds() / float64(buckets)
	return time.Duration(max(math.Ceil(most), 1) * float64(time.Second))
}
