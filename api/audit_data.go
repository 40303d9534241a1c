package api

import (
	"bytes"
	"encoding/json"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/pii"
	"outrider/projections"
)

// sealedMember says what a sealed member of an event's data is bound to, and who may read it.
type sealedMember struct {
	field   string
	subject string // the member of the data that holds the id
	scope   identity.Scope
}

// sealedMembers lists them by name, for the data that they stand in. One that isn't here is never shown.
func sealedMembers(name string, in map[string]any) (sealedMember, bool) {
	_, person := in["person_id"]
	_, invitation := in["invitation_id"]
	switch {
	case name == "profile" && person:
		return sealedMember{projections.MemberField, "person_id", identity.MembersRead}, true
	case name == "details" && invitation:
		return sealedMember{projections.InvitationField, "invitation_id", identity.MembersManage}, true
	}
	m, ok := map[string]sealedMember{
		"profile":      {pii.ProfileField, "lead_id", identity.LeadsRead},
		"client":       {projections.ClientField, "lead_id", identity.LeadsRead},
		"details":      {projections.MeetingField, "lead_id", identity.LeadsRead},
		"value":        {pii.SuppressionField, "suppression_id", identity.LeadsRead},
		"subject":      {projections.SubjectField, "lead_id", identity.MessagesRead},
		"note":         {projections.NoteField, "lead_id", identity.MessagesRead},
		"body":         {projections.BodyField, "lead_id", identity.MessagesRead},
		"address":      {projections.MailboxAddressField, "mailbox_id", identity.MailboxesRead},
		"display_name": {projections.MailboxNameField, "mailbox_id", identity.MailboxesRead},
		"signature":    {projections.MailboxSignatureField, "mailbox_id", identity.MailboxesRead},
		"username":     {projections.MailboxUsernameField, "mailbox_id", identity.MailboxesRead},
	}[name]
	return m, ok
}

// What stands where a value isn't shown, if not the scope that the reader lacks.
const (
	withheldErased  = "erased"  // nobody can read it any more
	withheldUnknown = "unknown" // what it is sealed with isn't known
)

// shownData is an event's data as a caller may see it.
type shownData struct {
	data     map[string]any
	withheld map[string]string
}

// openedPlace is where an opened value goes.
type openedPlace struct {
	of   int // event
	in   map[string]any
	name string
}

// shownData returns the data of events with personal data in clear as far as the caller may read it and anybody can.
func (a *auditHandlers) shownData(c *call, log []*es.Event) ([]shownData, error) {
	out := make([]shownData, len(log))
	var gaps []openedPlace
	var texts []projections.SealedText
	for i, e := range log {
		d := json.NewDecoder(bytes.NewReader(e.Data))
		d.UseNumber()
		if err := d.Decode(&out[i].data); err != nil {
			continue // a foreign writer's; the export has its bytes
		}
		out[i].withheld = map[string]string{}
		root := out[i].data
		takeSealed(root, func(in map[string]any, name string, v events.Sealed) {
			m, known := sealedMembers(name, root)
			text, _ := root[m.subject].(string)
			subject, err := uuid.Parse(text)
			switch {
			case !known || err != nil:
				out[i].withheld[name] = withheldUnknown
			case !c.who.Has(m.scope):
				out[i].withheld[name] = string(m.scope)
			case !c.who.Has(identity.PIIRead): // what is sealed is a person's
				out[i].withheld[name] = string(identity.PIIRead)
			default:
				gaps = append(gaps, openedPlace{i, in, name})
				texts = append(texts, projections.SealedText{Subject: subject, Field: m.field, Sealed: v})
			}
		})
	}
	if len(texts) == 0 {
		return out, nil
	}
	opened, err := projections.OpenTexts(c.ctx, a.vault, c.who.Org, texts)
	if err != nil {
		return nil, err
	}
	for n, p := range gaps {
		if opened[n] == nil {
			out[p.of].withheld[p.name] = withheldErased
			continue
		}
		var object map[string]any
		if json.Unmarshal([]byte(*opened[n]), &object) == nil && object != nil {
			p.in[p.name] = object
		} else {
			p.in[p.name] = *opened[n]
		}
	}
	return out, nil
}

// takeSealed takes every sealed value out of decoded JSON and tells of it.
func takeSealed(v any, found func(in map[string]any, name string, s events.Sealed)) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			takeSealed(x, found)
		}
	case map[string]any:
		for name, x := range v {
			if s, ok := sealedIn(x); ok {
				v[name] = nil
				found(v, name, s)
				continue
			}
			takeSealed(x, found)
		}
	}
}

// sealedIn reports whether a value is one that was sealed: an object of a key id and a ciphertext.
func sealedIn(x any) (s events.Sealed, ok bool) {
	o, _ := x.(map[string]any)
	k, isNumber := o["k"].(json.Number)
	text, isText := o["c"].(string)
	if len(o) != 2 || !isNumber || !isText {
		return s, false
	}
	raw, err := json.Marshal(map[string]any{"k": k, "c": text})
	if err != nil || json.Unmarshal(raw, &s) != nil {
		return events.Sealed{}, true // it looks so, and isn't shown
	}
	return s, true
}
