package identity

import (
	"fmt"
	"slices"
)

// Scope is one thing that a key may do. Sending, approving, exporting and erasing are scopes of their own, as they can't be
// taken back.
type Scope string

// The scopes. Those of the platform are for its operator and never given to an organisation's key.
const (
	LeadsRead          Scope = "leads:read"
	LeadsWrite         Scope = "leads:write"
	LeadsExport        Scope = "leads:export"
	LeadsErase         Scope = "leads:erase"
	ImportsWrite       Scope = "imports:write"
	SuppressionsWrite  Scope = "suppressions:write"
	CampaignsRead      Scope = "campaigns:read"
	CampaignsWrite     Scope = "campaigns:write"
	CampaignsSend      Scope = "campaigns:send"
	MailboxesRead      Scope = "mailboxes:read"
	MailboxesWrite     Scope = "mailboxes:write"
	MessagesRead       Scope = "messages:read"
	MessagesApprove    Scope = "messages:approve"
	AnalyticsRead      Scope = "analytics:read"
	AuditRead          Scope = "audit:read"
	WebhooksManage     Scope = "webhooks:manage"
	BillingManage      Scope = "billing:manage"
	KeysManage         Scope = "keys:manage"
	OrganizationRead   Scope = "organization:read"
	OrganizationManage Scope = "organization:manage"
	PlatformAdmin      Scope = "platform:admin"
)

// OrganizationScopes lists every scope that an organisation's key may have.
func OrganizationScopes() []Scope {
	return []Scope{
		LeadsRead, LeadsWrite, LeadsExport, LeadsErase, ImportsWrite, SuppressionsWrite,
		CampaignsRead, CampaignsWrite, CampaignsSend, MailboxesRead, MailboxesWrite, MessagesRead, MessagesApprove,
		AnalyticsRead, AuditRead, WebhooksManage, BillingManage, KeysManage, OrganizationRead, OrganizationManage,
	}
}

// PlatformScopes lists every scope that a platform key may have.
func PlatformScopes() []Scope { return []Scope{PlatformAdmin} }

func checkScopes(scopes, allowed []Scope) error {
	if len(scopes) == 0 {
		return fmt.Errorf("%w: a key needs at least one", ErrScope)
	}
	for i, s := range scopes {
		if !slices.Contains(allowed, s) {
			return fmt.Errorf("%w: %q", ErrScope, s)
		}
		if slices.Contains(scopes[:i], s) {
			return fmt.Errorf("%w: %q is given twice", ErrScope, s)
		}
	}
	return nil
}
