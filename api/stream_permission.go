package api

import (
	"encoding/json"
	"strings"

	"outrider/internal/app/livefeed"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/pii"
)

// hearing is which permission lets somebody hear of a family of events: that to read what it is about.
func hearing(family string) identity.Scope {
	switch family {
	case "lead", "import", "bulk", "suppression", "meeting", "fact", "company", "research", "web_search", "score_rules", "segment":
		return identity.LeadsRead
	case "export":
		return identity.LeadsExport
	case "campaign", "enrollment", "experiment", "report", "claim", "test_send":
		return identity.CampaignsRead
	case "mailbox", "sender_domain":
		return identity.MailboxesRead
	case "message", "thread", "response", "evidence", "draft", "answer", "snippet":
		return identity.MessagesRead
	case "member", "role", "ownership":
		return identity.MembersRead
	case "api_key":
		return identity.KeysManage
	case "webhook":
		return identity.WebhooksManage
	case "connection":
		return identity.IntegrationsManage
	case "billing":
		return identity.BillingManage
	case "organization", "quota", "usage", "booking", "plan", "flag", "ai", "ai_call", "ai_writing":
		return identity.OrganizationRead
	}
	return identity.AuditRead
}

// mayHear reports whether somebody may hear of a type of event. Who may read the history hears of everything.
func mayHear(who identity.Principal, eventType string) bool {
	family, _, _ := strings.Cut(eventType, ".")
	return who.Has(identity.AuditRead) || who.Has(hearing(family))
}

// showEvent is an event as the listener may see it, with a position that reads may wait for.
func (st *stream) showEvent(e *livefeed.StreamEvent) ([]byte, error) {
	shown := *e
	at, err := es.ParsePosition(e.Position)
	if err != nil {
		return nil, err
	}
	if shown.Position, err = st.s.tokens.seal(st.s.life, at); err != nil {
		return nil, err
	}
	if e.Text != "" && !st.who.Has(identity.PIIRead) {
		shown.Text = pii.MaskAddresses(e.Text)
	}
	return json.Marshal(shown)
}
