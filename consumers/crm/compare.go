package crm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/connections"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/app/leads"
	"outrider/internal/crmapi"
	"outrider/internal/es"
	services "outrider/internal/integrations"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/internal/profile"
	"outrider/projections"
)

// link is a row of integrations.links whose turn it is.
type link struct {
	LeadID   uuid.UUID       `db:"lead_id"`
	RemoteID *string         `db:"remote_id"`
	Agreed   json.RawMessage `db:"agreed"`
	OptedOut bool            `db:"opted_out"`
	Version  int64           `db:"version"`
	Tries    int             `db:"tries"`

	lead      *projections.Lead
	profile   profile.Profile
	contact   *crmapi.Contact
	agreed    map[string]string
	push      map[string]string // of properties
	stage     string            // that the contact reaches; "" = it stays
	take      map[string]string // of fields
	pushed    map[string]string // of fields: what both have once it is there
	conflicts []conflict
	remoteAt  time.Time // of the contact as it was written, if the CRM says it
	taken     *es.Answer
}

type conflict struct{ field, ours, theirs, kept, rule string }

// triesOfLead is how often a lead is tried; then it is given up until it changes.
const triesOfLead = 8

// shownAfter is how long is waited for the read model of leads.
const shownAfter = time.Minute

// compare takes leads whose turn it is and has each side learn what the other knows. It returns how many.
func (w *Worker) compare(ctx context.Context, j *job) (int, error) {
	links, err := w.dirtyLinks(ctx, j)
	if err != nil || len(links) == 0 {
		return 0, err
	}
	if err := w.readLeads(ctx, j, links); err != nil {
		return 0, err
	}
	if err := w.readContacts(ctx, j, links); err != nil {
		return 0, err
	}
	failed := map[*link]string{}
	if err := w.findTaken(ctx, j, links, failed); err != nil {
		return 0, err
	}
	var writes []*link
	for _, l := range links {
		if l.lead == nil || failed[l] != "" {
			continue // it isn't there any more
		}
		w.merge(j, l)
		if l.contact == nil && !j.settings.CreateAll {
			l.push, l.take, l.stage = nil, nil, "" // nothing there for it
			continue
		}
		if len(l.push) > 0 || l.stage != "" || l.contact == nil {
			writes = append(writes, l)
		}
	}
	if err := w.tellOptOuts(ctx, j, links, failed); err != nil {
		return 0, err
	}
	if err := w.writeContacts(ctx, j, writes, failed); err != nil {
		return 0, err
	}
	for _, l := range links {
		if err := w.takeIn(ctx, j, l, failed); err != nil {
			return 0, err
		}
	}
	if err := w.awaitTaken(ctx, links); err != nil {
		return 0, err
	}
	return len(links), w.finishLinks(ctx, j, links, failed)
}

func (w *Worker) dirtyLinks(ctx context.Context, j *job) ([]*link, error) {
	rows, err := w.Turns.Pool.Query(ctx, `select lead_id, remote_id, agreed, opted_out, version, tries from integrations.links
		where org_id = $1 and connection_id = $2 and dirty and next_at <= $3 order by next_at, lead_id limit $4`, j.Org, j.Connection, w.Turns.Now(), j.Batch())
	if err != nil {
		return nil, fmt.Errorf("read leads of a CRM: %w", err)
	}
	links, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByNameLax[link])
	if err != nil {
		return nil, fmt.Errorf("read leads of a CRM: %w", err)
	}
	for _, l := range links {
		l.agreed = map[string]string{}
		if err := json.Unmarshal(l.Agreed, &l.agreed); err != nil {
			return nil, fmt.Errorf("read leads of a CRM: %w", err)
		}
	}
	return links, nil
}

func (w *Worker) readLeads(ctx context.Context, j *job, links []*link) error {
	ids, byID := make([]uuid.UUID, len(links)), map[uuid.UUID]*link{}
	for i, l := range links {
		ids[i], byID[l.LeadID] = l.LeadID, l
	}
	var rows []*projections.Lead
	if err := postgres.InOrg(ctx, w.Reads, j.Org, func(tx pgx.Tx) (err error) {
		rows, err = projections.LeadsByID(ctx, tx, j.Org, ids)
		return err
	}); err != nil {
		return err
	}
	for _, row := range rows {
		if row.ErasedAt != nil || row.Email == nil {
			continue
		}
		p, err := leads.ProfileOf(row)
		if err != nil {
			return err
		}
		byID[row.LeadID].lead, byID[row.LeadID].profile = row, p
	}
	return nil
}

// readContacts finds contacts by their ids, and those that have none, or none any more, by their addresses.
func (w *Worker) readContacts(ctx context.Context, j *job, links []*link) error {
	var ids, addresses []string
	for _, l := range links {
		if l.lead != nil && l.RemoteID != nil {
			ids = append(ids, *l.RemoteID)
		}
	}
	found, err := j.ByID(ctx, ids, j.fields)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.lead == nil {
			continue
		}
		if l.RemoteID != nil {
			if c, ok := found[*l.RemoteID]; ok {
				l.contact = &c
				continue
			}
			l.RemoteID = nil
		}
		addresses = append(addresses, *l.lead.Email)
	}
	if len(addresses) == 0 {
		return nil
	}
	if found, err = j.ByAddress(ctx, addresses, j.fields); err != nil {
		return err
	}
	for _, l := range links {
		if l.lead != nil && l.contact == nil {
			if c, ok := found[*l.lead.Email]; ok {
				l.contact = &c
			}
		}
	}
	return nil
}

// findTaken names leads whose contact is another lead's already, as when two contacts were merged there.
func (w *Worker) findTaken(ctx context.Context, j *job, links []*link, failed map[*link]string) error {
	var ids []string
	owner := map[string]uuid.UUID{}
	for _, l := range links {
		if l.contact != nil {
			ids = append(ids, l.contact.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := w.Turns.Pool.Query(ctx, `select remote_id, lead_id from integrations.links where org_id = $1 and connection_id = $2 and remote_id = any($3)`, j.Org, j.Connection, ids)
	if err != nil {
		return fmt.Errorf("read whose contacts are: %w", err)
	}
	var remote string
	var lead uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&remote, &lead}, func() error { owner[remote] = lead; return nil }); err != nil {
		return fmt.Errorf("read whose contacts are: %w", err)
	}
	for _, l := range links {
		if l.contact == nil {
			continue
		}
		if is, ok := owner[l.contact.ID]; ok && is != l.LeadID {
			failed[l] = "its contact is that of another lead"
			l.contact, l.RemoteID = nil, nil
			continue
		}
		owner[l.contact.ID] = l.LeadID
	}
	return nil
}

// hashOf keeps of a value what tells whether it has changed, and nothing of a person.
func (j *job) hashOf(field, value string) string {
	return strconv.FormatUint(j.hasher.Fingerprint([]byte("crm "+field+" "+value)), 36)
}

// merge decides each field.
func (w *Worker) merge(j *job, l *link) {
	l.push, l.take, l.pushed = map[string]string{}, map[string]string{}, map[string]string{}
	contact := crmapi.Contact{}
	if l.contact != nil {
		contact = *l.contact
		l.RemoteID = &contact.ID
	}
	for _, f := range j.settings.Fields {
		ours, theirs := crm.Side{Value: crm.Ours(l.profile, f.Field), At: l.lead.UpdatedAt}, crm.Side{Value: contact.Value(f.Remote), At: j.Ours(contact.UpdatedAt)}
		v := crm.Merge(f, ours, theirs, l.agreed[f.Field], func(s string) string { return j.hashOf(f.Field, s) })
		if v.Conflict {
			l.conflicts = append(l.conflicts, conflict{f.Field, ours.Value, theirs.Value, v.Kept(), f.Wins})
		}
		switch {
		case v.Push:
			l.push[f.Remote], l.pushed[f.Field] = ours.Value, ours.Value
		case v.Take:
			l.take[f.Field] = theirs.Value
		case ours.Value != "" && ours.Value == theirs.Value:
			l.agreed[f.Field] = j.hashOf(f.Field, ours.Value)
		}
	}
	l.stage = crm.StageFor(j.settings.Stages, l.lead.OutreachStatus, contact, j.stages)
}

// tellOptOuts says of leads that wanted no more mail before they were compared with anybody. Each is told of once: what somebody takes back there is theirs.
func (w *Worker) tellOptOuts(ctx context.Context, j *job, links []*link, failed map[*link]string) error {
	var addresses []string
	for _, l := range links {
		if l.lead == nil || failed[l] != "" || l.OptedOut || !wantsNoMail(l.lead) || l.contact == nil && !j.settings.CreateAll {
			continue
		}
		if l.contact == nil || !l.contact.OptedOut {
			addresses = append(addresses, *l.lead.Email)
		}
		l.OptedOut = true
	}
	if len(addresses) == 0 {
		return nil
	}
	if err := j.OptOut(ctx, addresses); err != nil {
		return fmt.Errorf("say who has opted out: %w", err)
	}
	return w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: integrations.Out, What: "opt-out", Outcome: integrations.Done, Count: len(addresses)})
}

// wantsNoMail reports whether somebody themselves is suppressed, and not for what their mail server says.
func wantsNoMail(l *projections.Lead) bool {
	return l.SuppressedBy == events.SuppressAddress && l.SuppressedReason != events.SuppressedBounce && l.SuppressedReason != events.SuppressedErasure
}

// writeContacts writes a batch. What the CRM doesn't take of it is named, lead by lead.
func (w *Worker) writeContacts(ctx context.Context, j *job, links []*link, failed map[*link]string) error {
	if len(links) == 0 {
		return nil
	}
	all := make([]crmapi.Write, len(links))
	for i, l := range links {
		all[i] = crmapi.Write{Key: l.LeadID.String(), Email: *l.lead.Email, Values: l.push, Stage: l.stage, OptedOut: l.OptedOut}
		if l.contact != nil {
			all[i].ID = l.contact.ID
		}
	}
	done, err := j.Write(ctx, all)
	if err != nil {
		return err
	}
	for i, o := range done {
		l := links[i]
		if o.Problem != "" {
			failed[l] = o.Problem
			continue
		}
		l.RemoteID, l.remoteAt = &o.ID, o.UpdatedAt
	}
	return nil
}

// takeIn changes a lead by what the CRM says, and stops what is sent to who has opted out there.
func (w *Worker) takeIn(ctx context.Context, j *job, l *link, failed map[*link]string) error {
	if l.lead == nil || failed[l] != "" {
		return nil
	}
	if l.contact != nil && l.contact.OptedOut && !l.OptedOut {
		if err := w.suppress(ctx, j, *l.lead.Email); err != nil {
			return err
		}
		l.OptedOut = true
	}
	if len(l.take) == 0 {
		return nil
	}
	cmd, err := crm.SetField(ctx, w.Vault, j.Org, l.LeadID, l.take)
	var wrong *crm.ErrValue
	switch {
	case errors.As(err, &wrong):
		failed[l] = wrong.Error()
		return nil
	case err != nil:
		return err
	case cmd == nil:
		return nil // erased meanwhile
	}
	cmd.IfVersion = &l.lead.Version
	id := es.DeriveID(l.LeadID, "crm", j.Connection.String(), strconv.Itoa(l.lead.Version), strconv.FormatInt(l.Version, 10))
	a, err := reaction.Submit(ctx, w.Commands, connections.Because(j.Turn, id), id, w.Now(), *cmd)
	if err != nil {
		return err
	}
	if a.Outcome == es.Refused && a.Code != commands.CodeVersionConflict { // one that has changed meanwhile is compared again, as the change says
		failed[l] = "a value of the CRM is refused: " + a.Code
	}
	if a.Outcome == es.Refused {
		l.take = nil
	} else {
		l.taken = &a
	}
	return nil
}

// awaitTaken waits until what was taken shows: a lead that is compared before would seem to have changed back.
func (w *Worker) awaitTaken(ctx context.Context, links []*link) error {
	ctx, cancel := context.WithTimeout(ctx, shownAfter)
	defer cancel()
	for _, l := range links {
		if l.taken != nil {
			if err := w.Position(ctx, l.taken.Partition, l.taken.Pseq); err != nil {
				return &services.Later{After: time.Second, Why: "what was taken doesn't show yet"}
			}
		}
	}
	return nil
}

// finishLinks writes down what came of leads. One that has changed meanwhile stays to be compared.
func (w *Worker) finishLinks(ctx context.Context, j *job, links []*link, failed map[*link]string) error {
	now := w.Turns.Now()
	out, in := 0, 0
	var entries []integrations.Entry
	err := pgx.BeginFunc(ctx, w.Turns.Pool, func(tx pgx.Tx) error {
		var all pgx.Batch
		for _, l := range links {
			if l.lead == nil {
				all.Queue(`delete from integrations.links where org_id = $1 and connection_id = $2 and lead_id = $3 and version = $4`, j.Org, j.Connection, l.LeadID, l.Version)
				continue
			}
			reason := failed[l]
			if reason == "" {
				for field, value := range l.pushed {
					l.agreed[field] = j.hashOf(field, value)
				}
				for field, value := range l.take {
					l.agreed[field] = j.hashOf(field, value)
				}
				if len(l.push) > 0 || l.stage != "" {
					out++
				}
				in += min(len(l.take), 1)
			} else {
				entries = append(entries, integrations.Entry{Direction: integrations.Out, What: "contact", Outcome: integrations.Failed, LeadID: &l.LeadID, RemoteID: l.RemoteID, Detail: reason})
			}
			if err := w.finishLink(&all, j, l, reason, now); err != nil {
				return err
			}
			if reason == "" {
				for _, c := range l.conflicts {
					entries = append(entries, integrations.Entry{Direction: integrations.In, What: "field " + c.field, Outcome: integrations.Conflict, LeadID: &l.LeadID, RemoteID: l.RemoteID, Detail: "kept: " + c.kept})
				}
				if err := w.keepConflicts(ctx, &all, j, l, now); err != nil {
					return err
				}
			}
		}
		return tx.SendBatch(ctx, &all).Close()
	})
	if err != nil {
		return fmt.Errorf("write down what came of leads: %w", err)
	}
	if out > 0 {
		entries = append(entries, integrations.Entry{Direction: integrations.Out, What: "contacts", Outcome: integrations.Done, Count: out})
	}
	if in > 0 {
		entries = append(entries, integrations.Entry{Direction: integrations.In, What: "contacts", Outcome: integrations.Done, Count: in})
	}
	return w.Turns.Log(ctx, j.Org, j.Connection, entries...)
}

func (w *Worker) finishLink(all *pgx.Batch, j *job, l *link, reason string, now time.Time) error {
	agreed, err := json.Marshal(l.agreed)
	if err != nil {
		return fmt.Errorf("encode link: %w", err)
	}
	var remoteAt *time.Time
	switch {
	case !l.remoteAt.IsZero():
		remoteAt = &l.remoteAt
	case l.contact != nil:
		remoteAt = &l.contact.UpdatedAt
	}
	if reason == "" {
		all.Queue(`update integrations.links set remote_id = $4, agreed = $5, opted_out = opted_out or $6, remote_at = $7, dirty = version <> $8, tries = 0, error = ''
			where org_id = $1 and connection_id = $2 and lead_id = $3`, j.Org, j.Connection, l.LeadID, l.RemoteID, agreed, l.OptedOut, remoteAt, l.Version)
		return nil
	}
	tries := l.Tries + 1
	wait := min(time.Minute<<tries, 6*time.Hour)
	all.Queue(`update integrations.links set opted_out = opted_out or $4, dirty = version <> $5 or $6, next_at = case when version <> $5 then next_at else $7 end, tries = $8, error = $9
		where org_id = $1 and connection_id = $2 and lead_id = $3`, j.Org, j.Connection, l.LeadID, l.OptedOut, l.Version, tries < triesOfLead, now.Add(wait), tries, reason)
	return nil
}

// keepConflicts keeps both values, sealed under the lead's key.
func (w *Worker) keepConflicts(ctx context.Context, all *pgx.Batch, j *job, l *link, now time.Time) error {
	if len(l.conflicts) == 0 {
		return nil
	}
	keys, err := w.Vault.Existing(ctx, j.Org, []uuid.UUID{l.LeadID})
	if err != nil {
		return err
	}
	key, ok := keys[l.LeadID]
	if !ok {
		return nil
	}
	for _, c := range l.conflicts {
		ours, err := sealValue(key, c.ours)
		if err != nil {
			return err
		}
		theirs, err := sealValue(key, c.theirs)
		if err != nil {
			return err
		}
		all.Queue(`insert into integrations.conflicts (org_id, connection_id, lead_id, field, ours, theirs, kept, rule, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			on conflict (org_id, connection_id, lead_id, field) do update set ours = $5, theirs = $6, kept = $7, rule = $8, at = $9, resolved_at = null`, j.Org, j.Connection, l.LeadID, c.field, ours, theirs, c.kept, c.rule, now)
	}
	return nil
}

func sealValue(key pii.Key, value string) (json.RawMessage, error) {
	s, err := key.Seal(integrations.ConflictField, []byte(value))
	if err != nil {
		return nil, err
	}
	return es.Marshal(events.Sealed(s))
}
