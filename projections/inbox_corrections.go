package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// correctionsIn returns the corrections of what answers mean.
func correctionsIn(batch []*es.Event) (out []*es.Event) {
	for _, e := range batch {
		if _, ok := e.Payload.(events.ReplyReclassified); ok {
			out = append(out, e)
		}
	}
	return out
}

// writeCorrections brings items up to date with what people say about them.
func writeCorrections(ctx context.Context, tx pgx.Tx, t *opener, batch []*es.Event, erased map[id]int64) error {
	for _, e := range batch {
		switch p := e.Payload.(type) {
		case events.ReplyReclassified:
			var evidence, referral *string
			var err error
			if e.Oseq >= erased[id{e.Org, p.LeadID}] {
				if evidence, err = t.openText(e.Org, p.LeadID, EvidenceField, p.Evidence); err != nil {
					return err
				}
				if referral, err = t.openText(e.Org, p.LeadID, ReferralField, p.Referral); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, `update inbox_items set meaning = $3, evidence = coalesce($4, evidence), confidence = $5, source = $6, ask_again = $7, corrected = true, corrected_by = $8,
				referral = case when $9::text is not null then $9 when $3 in ('referral', 'wrong_person', 'left_company') then referral end,
				referral_state = case when $9::text is null then referral_state else '' end
				where org_id = $1 and item_id = $2`, e.Org, p.MailID, p.Meaning, evidence, p.Confidence, p.Source, p.AskAgain, e.Actor.Kind+":"+replaceNUL(e.Actor.ID), referral); err != nil {
				return fmt.Errorf("correct what an answer means: %w", err)
			}
		case events.ReferralSettled:
			state := ReferralDismissed
			if p.NewLeadID != [16]byte{} {
				state = ReferralAccepted
			}
			if _, err := tx.Exec(ctx, `update inbox_items set referral_state = $3, referral_lead = $4 where org_id = $1 and item_id = $2`, e.Org, p.MailID, state, nilIfZero(p.NewLeadID)); err != nil {
				return fmt.Errorf("settle a referral: %w", err)
			}
		}
	}
	return nil
}

// correctThread follows a correction of a thread's newest item.
func correctThread(threads *fold[id, InboxThread], e *es.Event, p events.ReplyReclassified) {
	t := threads.rows[id{e.Org, events.ThreadID(e.Org, p.LeadID, p.CampaignID)}]
	if t == nil {
		return
	}
	if t.LastItem == p.MailID {
		t.LastMeans, t.Confidence, t.Corrected = p.Meaning, p.Confidence, true
	}
	if status, changes := p.ThreadStatus(); changes {
		t.Status, t.SnoozedUntil, t.Unread = status, nil, false
	}
}

// Conditions on items: a person has written it, or a machine has, as it is understood now.
const (
	itemByPerson  = `case when corrected then class in ('reply', 'automatic') and meaning not in ('automatic', 'out_of_office') else class = 'reply' end`
	itemByMachine = `case when corrected then meaning in ('automatic', 'out_of_office') else class = 'automatic' end`
)

// recountThreads counts what came from people and their programs anew, in threads of which something was corrected.
func recountThreads(ctx context.Context, tx pgx.Tx, corrections []*es.Event) error {
	if len(corrections) == 0 {
		return nil
	}
	var orgs, threads []uuid.UUID
	for _, e := range corrections {
		p := e.Payload.(events.ReplyReclassified)
		orgs, threads = append(orgs, e.Org), append(threads, events.ThreadID(e.Org, p.LeadID, p.CampaignID))
	}
	if _, err := tx.Exec(ctx, `update inbox_threads t set replies = c.replies, automatic = c.automatic from (
			select org_id, thread_id, count(*) filter (where `+itemByPerson+`) as replies, count(*) filter (where `+itemByMachine+`) as automatic
			from inbox_items join (select distinct * from unnest($1::uuid[], $2::uuid[])) k (org_id, thread_id) using (org_id, thread_id) group by 1, 2) c
		where t.org_id = c.org_id and t.thread_id = c.thread_id`, orgs, threads); err != nil {
		return fmt.Errorf("count answers in threads: %w", err)
	}
	return nil
}

// CountMeanings counts what came from people and their programs by what it means.
func CountMeanings(ctx context.Context, tx pgx.Tx, org uuid.UUID) (map[string]int, error) {
	rows, err := tx.Query(ctx, `select case when class = 'automatic' and meaning = '' then case when out_of_office then 'out_of_office' else 'automatic' end else meaning end, count(*)
		from read.inbox_items where org_id = $1 and class in ('reply', 'automatic') group by 1`, org)
	if err != nil {
		return nil, fmt.Errorf("count meanings: %w", err)
	}
	out := map[string]int{}
	var meaning string
	var n int
	if _, err = pgx.ForEachRow(rows, []any{&meaning, &n}, func() error { out[meaning] = n; return nil }); err != nil {
		return nil, fmt.Errorf("count meanings: %w", err)
	}
	return out, nil
}
