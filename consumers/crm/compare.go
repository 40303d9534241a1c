package crm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/app/leads"
	"outrider/internal/es"
	"outrider/internal/hubspot"
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
	contact   *hubspot.Object
	agreed    map[string]string
	push      map[string]string // of properties
	take      map[string]string // of fields
	pushed    map[string]string // of fields: what both have once it is there
	conflicts []conflict
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
	var writes []*link
	for _, l := range links {
		if l.lead == nil {
			continue // it isn't there any more
		}
		w.merge(j, l)
		if l.contact == nil && !j.settings.CreateAll {
			l.push, l.take = nil, nil // nothing there for it
			continue
		}
		if len(l.push) > 0 || l.contact == nil {
			writes = append(writes, l)
		}
	}
	failed := map[*link]string{}
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
		where org_id = $1 and connection_id = $2 and dirty and next_at <= $3 order by next_at, lead_id limit $4`, j.Org, j.Connection, w.Turns.Now(), hubspot.BatchSize)
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
	byRemote, byAddress := map[string]*link{}, map[string]*link{}
	for _, l := range links {
		if l.lead != nil && l.RemoteID != nil {
			ids, byRemote[*l.RemoteID] = append(ids, *l.RemoteID), l
		}
	}
	read := func(by string, values []string, of func(hubspot.Object) *link) error {
		if len(values) == 0 {
			return nil
		}
		found, err := j.client.Read(ctx, hubspot.Contacts, by, values, crm.PropertiesOf(j.settings))
		if err != nil {
			return fmt.Errorf("read contacts: %w", err)
		}
		for i := range found {
			if l := of(found[i]); l != nil {
				l.contact = &found[i]
			}
		}
		return nil
	}
	if err := read("", ids, func(o hubspot.Object) *link { return byRemote[o.ID] }); err != nil {
		return err
	}
	for _, l := range links {
		if l.lead != nil && l.contact == nil {
			l.RemoteID = nil
			addresses, byAddress[*l.lead.Email] = append(addresses, *l.lead.Email), l
		}
	}
	return read(crm.PropertyEmail, addresses, func(o hubspot.Object) *link { return byAddress[strings.ToLower(o.Value(crm.PropertyEmail))] })
}

// hashOf keeps of a value what tells whether it has changed, and nothing of a person.
func (j *job) hashOf(field, value string) string {
	return strconv.FormatUint(j.hasher.Fingerprint([]byte("crm "+field+" "+value)), 36)
}

// merge decides each field.
func (w *Worker) merge(j *job, l *link) {
	l.push, l.take, l.pushed = map[string]string{}, map[string]string{}, map[string]string{}
	contact := hubspot.Object{}
	if l.contact != nil {
		contact = *l.contact
		l.RemoteID = &contact.ID
	}
	for _, f := range j.settings.Fields {
		ours, theirs := crm.Side{Value: crm.Ours(l.profile, f.Field), At: l.lead.UpdatedAt}, crm.Side{Value: crm.Theirs(contact, f.Remote, j.owners), At: j.client.Ours(contact.UpdatedAt)}
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
	if stage := crm.StageFor(j.settings.Stages, l.lead.OutreachStatus, contact, j.stages); stage != "" {
		l.push[crm.PropertyStage] = stage
	}
}

// writeContacts writes a batch. What HubSpot doesn't take of it is named, lead by lead: where it refuses the whole batch for one of them, halves are tried.
func (w *Worker) writeContacts(ctx context.Context, j *job, links []*link, failed map[*link]string) error {
	var known, unknown []*link
	for _, l := range links {
		if l.contact != nil {
			known = append(known, l)
		} else {
			unknown = append(unknown, l)
		}
	}
	if err := w.writeHalves(ctx, j, known, failed, func(inputs []hubspot.Input) (hubspot.Written, error) {
		return j.client.Update(ctx, hubspot.Contacts, inputs)
	}); err != nil {
		return err
	}
	return w.writeHalves(ctx, j, unknown, failed, func(inputs []hubspot.Input) (hubspot.Written, error) {
		return j.client.Upsert(ctx, hubspot.Contacts, inputs)
	})
}

func (w *Worker) writeHalves(ctx context.Context, j *job, links []*link, failed map[*link]string, write func([]hubspot.Input) (hubspot.Written, error)) error {
	if len(links) == 0 {
		return nil
	}
	inputs := make([]hubspot.Input, len(links))
	for i, l := range links {
		inputs[i] = hubspot.Input{ID: *l.lead.Email, IDProperty: crm.PropertyEmail, Trace: l.LeadID.String(), Properties: maps.Clone(l.push)}
		if l.contact != nil {
			inputs[i].ID, inputs[i].IDProperty = l.contact.ID, ""
		} else {
			inputs[i].Properties[crm.PropertyEmail] = *l.lead.Email
		}
	}
	done, err := write(inputs)
	var wrong *services.StatusError
	switch {
	case err == nil:
		noteWritten(links, done, failed)
		return nil
	case !errors.As(err, &wrong) && !errors.Is(err, hubspot.ErrConflict) && !errors.Is(err, hubspot.ErrNotFound):
		return fmt.Errorf("write contacts: %w", err)
	case len(links) == 1:
		failed[links[0]] = "the CRM refuses it: " + problemOf(err)
		return nil
	}
	half := len(links) / 2
	return errors.Join(w.writeHalves(ctx, j, links[:half], failed, write), w.writeHalves(ctx, j, links[half:], failed, write))
}

// problemOf says what is wrong without what it was about: messages of HubSpot quote values.
func problemOf(err error) string {
	var wrong *services.StatusError
	var p hubspot.Problem
	if errors.As(err, &wrong) && json.Unmarshal(wrong.Body, &p) == nil && p.Category != "" {
		return p.Category
	}
	return reaction.ErrorText(err)
}

// noteWritten finds out which lead each part of an answer is about.
func noteWritten(links []*link, done hubspot.Written, failed map[*link]string) {
	byTrace, byID, byAddress := map[string]*link{}, map[string]*link{}, map[string]*link{}
	for _, l := range links {
		byTrace[l.LeadID.String()], byAddress[*l.lead.Email] = l, l
		if l.contact != nil {
			byID[l.contact.ID] = l
		}
	}
	written := map[*link]bool{}
	for i := range done.Results {
		o := done.Results[i]
		l := byTrace[o.Trace]
		if l == nil {
			l = byID[o.ID]
		}
		if l == nil {
			l = byAddress[strings.ToLower(o.Value(crm.PropertyEmail))]
		}
		if l != nil {
			written[l], l.contact, l.RemoteID = true, &o, &o.ID
		}
	}
	for _, p := range done.Errors {
		for _, trace := range p.Traces() {
			if l := byTrace[trace]; l != nil {
				failed[l] = "the CRM refuses it: " + p.Category
			}
		}
		for _, id := range p.IDs() {
			l := byID[id]
			if l == nil {
				l = byAddress[strings.ToLower(id)]
			}
			if l != nil {
				failed[l] = "the CRM refuses it: " + p.Category
			}
		}
	}
	for _, l := range links {
		if !written[l] && failed[l] == "" {
			failed[l] = "the CRM didn't say what became of it"
		}
	}
}

// takeIn changes a lead by what the CRM says, and stops what is sent to who has opted out there.
func (w *Worker) takeIn(ctx context.Context, j *job, l *link, failed map[*link]string) error {
	if l.lead == nil || failed[l] != "" {
		return nil
	}
	if l.contact != nil && l.contact.Value(crm.PropertyOptOut) == "true" && !l.OptedOut {
		if err := w.suppress(ctx, j, *l.lead.Email); err != nil {
			return err
		}
		l.OptedOut = true
	}
	if len(l.take) == 0 {
		return nil
	}
	patch := profile.Patch{Fields: map[string]*string{}, Custom: map[string]*string{}}
	for field, value := range l.take {
		if own, isOwn := strings.CutPrefix(field, profile.CustomPrefix); isOwn {
			patch.Custom[own] = &value
		} else {
			patch.Fields[field] = &value
		}
	}
	if err := patch.Normalize(); err != nil {
		failed[l] = "the CRM's value doesn't fit: " + err.Error()
		return nil //nolint:nilerr // it is told of the lead
	}
	keys, err := w.Vault.Existing(ctx, j.Org, []uuid.UUID{l.LeadID})
	if err != nil {
		return err
	}
	key, ok := keys[l.LeadID]
	if !ok {
		return nil // erased meanwhile
	}
	filled, cleared := patch.Changes()
	sealed, err := patch.Seal(key)
	if err != nil {
		return err
	}
	cmd := commands.UpdateLead{LeadID: l.LeadID, Profile: events.Sealed(sealed), Filled: events.MarkFields(filled), Cleared: events.MarkFields(cleared), IfVersion: &l.lead.Version}
	id := es.DeriveID(l.LeadID, "crm", j.Connection.String(), strconv.Itoa(l.lead.Version), strconv.FormatInt(l.Version, 10))
	a, err := reaction.Submit(ctx, w.Commands, w.because(j.Turn, id), id, w.Now(), cmd)
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
		for _, l := range links {
			if l.lead == nil {
				if _, err := tx.Exec(ctx, `delete from integrations.links where org_id = $1 and connection_id = $2 and lead_id = $3 and version = $4`, j.Org, j.Connection, l.LeadID, l.Version); err != nil {
					return err
				}
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
				out, in = out+min(len(l.push), 1), in+min(len(l.take), 1)
			} else {
				entries = append(entries, integrations.Entry{Direction: integrations.Out, What: "contact", Outcome: integrations.Failed, LeadID: &l.LeadID, RemoteID: l.RemoteID, Detail: reason})
			}
			if err := w.finishLink(ctx, tx, j, l, reason, now); err != nil {
				return err
			}
			if reason == "" {
				for _, c := range l.conflicts {
					entries = append(entries, integrations.Entry{Direction: integrations.In, What: "field " + c.field, Outcome: integrations.Conflict, LeadID: &l.LeadID, RemoteID: l.RemoteID, Detail: "kept: " + c.kept})
				}
				if err := w.keepConflicts(ctx, tx, j, l, now); err != nil {
					return err
				}
			}
		}
		return nil
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

func (w *Worker) finishLink(ctx context.Context, tx pgx.Tx, j *job, l *link, reason string, now time.Time) error {
	agreed, err := json.Marshal(l.agreed)
	if err != nil {
		return fmt.Errorf("encode link: %w", err)
	}
	var remoteAt *time.Time
	if l.contact != nil {
		remoteAt = &l.contact.UpdatedAt
	}
	if reason == "" {
		_, err = tx.Exec(ctx, `update integrations.links set remote_id = $4, agreed = $5, opted_out = opted_out or $6, remote_at = $7, dirty = version <> $8, tries = 0, error = ''
			where org_id = $1 and connection_id = $2 and lead_id = $3`, j.Org, j.Connection, l.LeadID, l.RemoteID, agreed, l.OptedOut, remoteAt, l.Version)
		return err
	}
	tries := l.Tries + 1
	wait := min(time.Minute<<tries, 6*time.Hour)
	_, err = tx.Exec(ctx, `update integrations.links set opted_out = opted_out or $4, dirty = version <> $5 or $6, next_at = case when version <> $5 then next_at else $7 end, tries = $8, error = $9
		where org_id = $1 and connection_id = $2 and lead_id = $3`, j.Org, j.Connection, l.LeadID, l.OptedOut, l.Version, tries < triesOfLead, now.Add(wait), tries, reason)
	return err
}

// keepConflicts keeps both values, sealed under the lead's key.
func (w *Worker) keepConflicts(ctx context.Context, tx pgx.Tx, j *job, l *link, now time.Time) error {
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
		if _, err := tx.Exec(ctx, `insert into integrations.conflicts (org_id, connection_id, lead_id, field, ours, theirs, kept, rule, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			on conflict (org_id, connection_id, lead_id, field) do update set ours = $5, theirs = $6, kept = $7, rule = $8, at = $9`, j.Org, j.Connection, l.LeadID, c.field, ours, theirs, c.kept, c.rule, now); err != nil {
			return err
		}
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
