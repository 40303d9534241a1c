// Package projections holds the read models: rows folded from the log into Postgres, and their queries.
package projections

import (
	"context"
	"embed"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es/project"
	"outrider/internal/pii"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Keys returns the keys that open sealed texts; pii.Vault is one.
type Keys interface {
	Lookup(ctx context.Context, refs []pii.Ref) (map[pii.Ref]pii.Key, error)
}

// All lists the Postgres projections; their events are decoded with Decode.
func All(keys Keys) []project.Projection {
	all := []project.Projection{
		{Name: "organizations", Version: 1, Tables: []string{"organizations"}, Handle: foldOrganizations},
		{Name: "members", Version: 1, Tables: []string{"members", "member_invitations", "roles"}, Handle: memberFold{keys}.handleBatch},
		{Name: "identity_links", Version: 1, Tables: []string{"identity_links"}, Handle: foldIdentityLinks},
		{Name: "leads", Version: 1, Tables: []string{"leads", "lead_suppressions", "lead_subdomains"}, Handle: leadFold{keys}.handleBatch},
		{Name: "facts", Version: 1, Tables: []string{"facts", "companies"}, Handle: factFold{keys}.handleBatch},
		{Name: "research", Version: 1, Tables: []string{"researches", "research_settings", "web_searches"}, Handle: researchFold{keys}.handleBatch},
		{Name: "evidence", Version: 1, Tables: []string{"message_evidence"}, Handle: evidenceFold{keys}.handleBatch},
		{Name: "answers", Version: 1, Tables: []string{"answers", "answer_automation"}, Handle: answerFold{keys}.handleBatch},
		{Name: "draft_approvals", Version: 1, Tables: []string{"draft_approvals"}, Handle: foldDraftApprovals},
		{Name: "claims", Version: 1, Tables: []string{"claims", "claim_versions"}, Handle: foldClaims},
		{Name: "imports", Version: 1, Tables: []string{"imports", "import_rejections", "import_runs", "import_warnings"}, Handle: foldImports},
		{Name: "suppressions", Version: 1, Tables: []string{"suppressions"}, Handle: suppressionFold{keys}.handleBatch},
		{Name: "campaigns", Version: 1, Tables: []string{"campaigns", "enrollments", "campaign_steps"}, Handle: foldCampaigns},
		{Name: "mailboxes", Version: 1, Tables: []string{"mailboxes"}, Handle: mailboxFold{keys}.handleBatch},
		{Name: "messages", Version: 1, Tables: []string{"messages", "message_texts", "message_hits"}, Handle: messageFold{keys}.handleBatch},
		{Name: "inbox", Version: 1, Tables: []string{"inbox_threads", "inbox_items", "inbox_responses", "inbox_notes"}, Handle: inboxFold{keys}.handleBatch},
		{Name: "meetings", Version: 1, Tables: []string{"meetings", "slot_holds"}, Handle: meetingFold{keys}.handleBatch},
		{Name: "booking", Version: 1, Tables: []string{"booking_hours"}, Handle: foldBooking},
		{Name: "exports", Version: 1, Tables: []string{"exports"}, Handle: foldExports},
		{Name: "bulk", Version: 1, Tables: []string{"bulk_jobs", "bulk_refused"}, Handle: foldBulk},
		{Name: "experiments", Version: 1, Tables: []string{"experiments", "experiment_evaluations"}, Handle: foldExperiments},
		{Name: "webhooks", Version: 1, Tables: []string{"webhooks"}, Handle: foldWebhooks},
		{Name: "connections", Version: 1, Tables: []string{"connections"}, Handle: foldConnections},
		{Name: "billing", Version: 1, Tables: []string{"billing", "invoices"}, Handle: foldBilling},
		{Name: "flags", Version: 1, Tables: []string{"flags", "flag_versions", "flag_switches"}, Handle: foldFlags},
		{Name: "flag_trials", Version: 1, Tables: []string{"flag_trials"}, Handle: foldFlagTrials},
		{Name: "reports", Version: 1, Tables: []string{"reports", "report_runs"}, Handle: foldReports},
		{Name: "sender_domains", Version: 1, Tables: []string{"sender_domains"}, Handle: foldSenderDomains},
		{Name: "ai", Version: 1, Tables: []string{"ai_settings", "ai_usage", "ai_writing"}, Handle: foldAI},
		{Name: "snippets", Version: 1, Tables: []string{"snippets"}, Handle: foldSnippets},
		{Name: "segments", Version: 1, Tables: []string{"segments"}, Handle: foldSegments},
		{Name: "scores", Version: 1, Tables: []string{"score_rules"}, Handle: foldScoreRules},
		{Name: "test_sends", Version: 1, Tables: []string{"test_sends"}, Handle: foldTestSends},
		{Name: "usage", Version: 1, Tables: []string{"usage"}, Needs: []string{"organizations"}, Handle: foldUsage},
		{Name: "timeline", Version: 1, Tables: []string{"timeline"}, Handle: foldTimeline},
		{Name: "chains", Version: 1, Tables: []string{"chains"}, Handle: foldChains},
	}
	return append(all, project.Projection{Name: "deleted_organizations", Version: 1, Tables: []string{"deleted_organizations"}, Handle: newDeletion(all).handleBatch})
}

// fold collects the rows of one table that a batch touches: each is read once, changed in memory, and written once.
type fold[K comparable, R any] struct {
	rows  map[K]*R // nil = deleted
	order []K      // the order in which rows were first touched, so that writing doesn't depend on map order
}

func newFold[K comparable, R any]() *fold[K, R] { return &fold[K, R]{rows: map[K]*R{}} }

func (f *fold[K, R]) putRow(k K, r *R) {
	if _, ok := f.rows[k]; !ok {
		f.order = append(f.order, k)
	}
	f.rows[k] = r
}

// liveRows returns the rows to write, deleted the keys to delete.
func (f *fold[K, R]) liveRows() (rows []*R) {
	for _, k := range f.order {
		if r := f.rows[k]; r != nil {
			rows = append(rows, r)
		}
	}
	return rows
}

func (f *fold[K, R]) deletedKeys() (keys []K) {
	for _, k := range f.order {
		if f.rows[k] == nil {
			keys = append(keys, k)
		}
	}
	return keys
}

// id is the key of an organisation's row.
type id struct{ org, own uuid.UUID }

func idColumns(ids []id) (orgs, own [][16]byte) {
	for _, x := range ids {
		orgs, own = append(orgs, x.org), append(own, x.own)
	}
	return orgs, own
}

// loadMissing reads the rows of ids that the fold lacks.
func loadMissing[R any](ctx context.Context, tx pgx.Tx, f *fold[id, R], ids []id, query string, key func(*R) id) error {
	var missing []id
	seen := map[id]bool{}
	for _, x := range ids {
		if _, ok := f.rows[x]; !ok && !seen[x] {
			seen[x] = true
			missing = append(missing, x)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	orgs, own := idColumns(missing)
	rows, err := tx.Query(ctx, query, orgs, own)
	if err != nil {
		return fmt.Errorf("load rows: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[R])
	if err != nil {
		return fmt.Errorf("load rows: %w", err)
	}
	for _, r := range found {
		f.putRow(key(r), r)
	}
	return nil
}

func deleteRows(ctx context.Context, tx pgx.Tx, table, column string, ids []id) error {
	if len(ids) == 0 {
		return nil
	}
	orgs, own := idColumns(ids)
	sql := fmt.Sprintf(`delete from %s t using unnest($1::uuid[], $2::uuid[]) d (org_id, own) where t.org_id = d.org_id and t.%s = d.own`,
		pgx.Identifier{table}.Sanitize(), pgx.Identifier{column}.Sanitize())
	if _, err := tx.Exec(ctx, sql, orgs, own); err != nil {
		return fmt.Errorf("delete from %s: %w", table, err)
	}
	return nil
}
