package identity

import (
	"fmt"
	"slices"
)

// Scope is a permission: one kind of thing that a caller may do. A member has those of their role, an API key those that it was
// given. Sending, approving, exporting and erasing are permissions of their own, as they can't be taken back.
type Scope string

// The permissions. That of the platform is for its operator and never given in an organisation.
const (
	LeadsRead            Scope = "leads:read"
	LeadsWrite           Scope = "leads:write"
	LeadsExport          Scope = "leads:export"
	LeadsErase           Scope = "leads:erase"
	ImportsWrite         Scope = "imports:write"
	SuppressionsWrite    Scope = "suppressions:write"
	CampaignsRead        Scope = "campaigns:read"
	CampaignsWrite       Scope = "campaigns:write"
	CampaignsSend        Scope = "campaigns:send"
	ClaimsWrite          Scope = "claims:write"
	MailboxesRead        Scope = "mailboxes:read"
	MailboxesWrite       Scope = "mailboxes:write"
	MessagesRead         Scope = "messages:read"
	MessagesApprove      Scope = "messages:approve"
	MessagesWrite        Scope = "messages:write"
	MessagesSend         Scope = "messages:send"
	AnalyticsRead        Scope = "analytics:read"
	AuditRead            Scope = "audit:read"
	WebhooksManage       Scope = "webhooks:manage"
	IntegrationsManage   Scope = "integrations:manage"
	BillingManage        Scope = "billing:manage"
	KeysManage           Scope = "keys:manage"
	OrganizationRead     Scope = "organization:read"
	OrganizationManage   Scope = "organization:manage"
	OrganizationTransfer Scope = "organization:transfer"
	OrganizationDelete   Scope = "organization:delete"
	MembersRead          Scope = "members:read"
	MembersManage        Scope = "members:manage"
	RolesManage          Scope = "roles:manage"
	PIIRead              Scope = "pii:read"
	PlatformAdmin        Scope = "platform:admin"
)

// Role is what a member is in an organisation: a built-in one, or the id of one of its own.
type Role string

// The built-in roles.
const (
	RoleOwner  Role = "owner"
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
)

// Roles lists the built-in roles, the mightiest first.
func Roles() []Role { return []Role{RoleOwner, RoleAdmin, RoleMember} }

// Permission is a line of the table: what a permission lets its holder do, and which roles have it.
type Permission struct {
	Scope  Scope
	Allows string
	Roles  []Role
}

// Permissions is the table of all permissions in an organisation: every check of a role, the description of the API and
// docs/permissions.md follow from it.
func Permissions() []Permission {
	all, admins, owner := []Role{RoleOwner, RoleAdmin, RoleMember}, []Role{RoleOwner, RoleAdmin}, []Role{RoleOwner}
	return []Permission{
		{LeadsRead, "see leads, imports, suppressions, meetings and a lead's timeline", all},
		{LeadsWrite, "create, change, tag and remove leads", all},
		{LeadsExport, "take leads, messages and suppressions out as files", admins},
		{LeadsErase, "erase a person for good", admins},
		{ImportsWrite, "bring leads in from files, and undo that", all},
		{SuppressionsWrite, "add and remove addresses and domains that nothing is sent to", all},
		{CampaignsRead, "see campaigns and enrollments, and why something waits", all},
		{CampaignsWrite, "write campaigns, enroll and stop leads, move and cancel meetings", all},
		{CampaignsSend, "launch, pause, resume and complete campaigns", admins},
		{ClaimsWrite, "approve, change and retire what messages may say about the organisation", admins},
		{MailboxesRead, "see mailboxes", all},
		{MailboxesWrite, "connect, change, pause and remove mailboxes", admins},
		{MessagesRead, "see messages and the inbox", all},
		{MessagesApprove, "approve, reject, write and redraft messages, and resolve those in doubt", all},
		{MessagesWrite, "look after conversations in the inbox: mark them as done, put them off, assign them", all},
		{MessagesSend, "answer people in the inbox", all},
		{AnalyticsRead, "see figures", all},
		{AuditRead, "see and export the history, follow events, compare databases with the log", admins},
		{WebhooksManage, "manage webhooks", admins},
		{IntegrationsManage, "connect CRMs and other services, map their fields, and bring contacts in from them", admins},
		{BillingManage, "manage the subscription", owner},
		{KeysManage, "issue and revoke API keys, with no more than one's own permissions", admins},
		{MembersRead, "see members", all},
		{MembersManage, "invite and remove members and change their roles, with no more than one's own permissions", admins},
		{RolesManage, "define, change and remove the organisation's own roles, with no more than one's own permissions", admins},
		{PIIRead, "see names, addresses, profiles and texts of people; without it they come masked", all},
		{OrganizationRead, "see the organisation, its usage and booking hours", all},
		{OrganizationManage, "change the organisation and its booking hours", admins},
		{OrganizationTransfer, "hand the organisation over to another member", owner},
		{OrganizationDelete, "delete the organisation", owner},
	}
}

// OrganizationScopes lists every permission that an organisation's key may have.
func OrganizationScopes() (scopes []Scope) {
	for _, p := range Permissions() {
		scopes = append(scopes, p.Scope)
	}
	return scopes
}

// PlatformScopes lists every permission that a platform key may have.
func PlatformScopes() []Scope { return []Scope{PlatformAdmin} }

// Scopes lists the permissions of a built-in role; none for others (see Sessions.RoleScopes).
func (r Role) Scopes() (scopes []Scope) {
	for _, p := range Permissions() {
		if slices.Contains(p.Roles, r) {
			scopes = append(scopes, p.Scope)
		}
	}
	return scopes
}

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

// permissionsVersion counts the permissions that were split off from others after keys had been issued: 1 is pii:read.
const permissionsVersion = 1

// scopesOfKey is the SQL of what a row k of api_keys permits. What keys could do before a permission was split off, they still can: an
// organisation's key of version 0 has pii:read.
const scopesOfKey = `case when k.org_id is not null and k.permissions_version < 1 and not k.scopes @> array['pii:read'] then k.scopes || array['pii:read'] else k.scopes end`
