package api

import (
	"net/http"

	"outrider/api/session"
	"outrider/api/visitor"
	"outrider/internal/identity"
)

// Route is one line of the table: who may call what.
type Route struct {
	Method, Path string
	Allow        Permission
	reads        string // the projection that a read waits for
	handle       func(*Server, *call) error
}

// Routes lists every request that the server answers, with the permission it needs. Nothing else is registered.
func Routes() []Route {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return []Route{
		{post, "/v1/organizations", platformOnly(), "", (*Server).createOrganization},
		{get, "/v1/organizations", platformOnly(), "", (*Server).listOrganizations},
		{get, "/v1/organizations/{id}", scopeOrPlatform(identity.OrganizationRead), "organizations", (*Server).getOrganization},
		{patch, "/v1/organizations/{id}", scopeOrPlatform(identity.OrganizationManage), "", (*Server).updateOrganization},
		{del, "/v1/organizations/{id}", scopeOrPlatform(identity.OrganizationDelete), "", (*Server).deleteOrganization},
		{get, "/v1/organizations/by-slug/{name}", anyKey(), "organizations", forMembers((*memberHandlers).findBySlug)},
		{post, "/v1/organizations/{id}/restore", personOrPlatform(), "", withID((*Server).restoreOrganization)},

		{post, "/v1/api-keys", scopeOrPlatform(identity.KeysManage), "", withBody((*Server).createAPIKey)},
		{get, "/v1/api-keys", scopeOrPlatform(identity.KeysManage), "", (*Server).listAPIKeys},
		{post, "/v1/api-keys/{id}/rotate", scopeOrPlatform(identity.KeysManage), "", withIDAndBody((*Server).rotateAPIKey)},
		{patch, "/v1/api-keys/{id}", scopeOrPlatform(identity.KeysManage), "", withIDAndBody(updateAPIKey)},
		{del, "/v1/api-keys/{id}", scopeOrPlatform(identity.KeysManage), "", withID((*Server).revokeAPIKey)},

		{post, "/v1/platform-keys", platformOnly(), "", withBody((*Server).createPlatformKey)},
		{get, "/v1/platform-keys", platformOnly(), "", (*Server).listPlatformKeys},
		{post, "/v1/platform-keys/{id}/rotate", platformOnly(), "", withIDAndBody(rotatePlatformKey)},
		{del, "/v1/platform-keys/{id}", platformOnly(), "", withID((*Server).revokePlatformKey)},

		{get, "/v1/admin/organizations", platformOnly(), "organizations", forAdmin((*adminHandlers).listOrganizations)},
		{get, "/v1/admin/organizations/{id}", platformOnly(), "organizations", forAdmin(withID((*adminHandlers).getOrganization))},
		{get, "/v1/admin/people", platformOnly(), "", forAdmin((*adminHandlers).listPeople)},
		{get, "/v1/admin/people/{id}", platformOnly(), "", forAdmin(withID((*adminHandlers).getPerson))},
		{del, "/v1/admin/people/{id}/sessions", platformOnly(), "", forAdmin(withID((*adminHandlers).endSessions))},
		{post, "/v1/admin/impersonations", platformOnly(), "", forAdmin(withBody((*adminHandlers).impersonate))},

		{post, "/v1/auth/sign-up", anybody(), "", forSession((*session.Handlers).SignUp)},
		{post, "/v1/auth/verify-email", anybody(), "", forSession((*session.Handlers).VerifyEmail)},
		{post, "/v1/auth/sign-in", anybody(), "", forSession((*session.Handlers).SignIn)},
		{post, "/v1/auth/second-factor", anybody(), "", forSession((*session.Handlers).FinishSignIn)},
		{post, "/v1/auth/refresh", anybody(), "", forSession((*session.Handlers).Refresh)},
		{post, "/v1/session/claim", anybody(), "", forSession((*session.Handlers).ClaimSession)},
		{post, "/v1/auth/sign-out", anyPerson(), "", forSession((*session.Handlers).SignOut)},
		{post, "/v1/auth/sign-out-everywhere", anyPerson(), "", forSession((*session.Handlers).SignOutEverywhere)},
		{get, "/v1/auth/sessions", anyPerson(), "", forSession((*session.Handlers).ListSessions)},
		{del, "/v1/auth/sessions/{id}", anyPerson(), "", forSession((*session.Handlers).EndSession)},
		{post, "/v1/auth/forgot-password", anybody(), "", forSession((*session.Handlers).ForgotPassword)},
		{post, "/v1/auth/reset-password", anybody(), "", forSession((*session.Handlers).ResetPassword)},
		{post, "/v1/auth/change-password", anyPerson(), "", forSession((*session.Handlers).ChangePassword)},
		{post, "/v1/auth/totp/enroll", anyPerson(), "", forSession((*session.Handlers).EnrollSecondFactor)},
		{post, "/v1/auth/totp/confirm", anyPerson(), "", forSession((*session.Handlers).ConfirmSecondFactor)},
		{post, "/v1/auth/totp/disable", anyPerson(), "", forSession((*session.Handlers).DisableSecondFactor)},
		{post, "/v1/auth/recovery-codes", anyPerson(), "", forSession((*session.Handlers).RenewRecoveryCodes)},
		{post, "/v1/auth/switch-organization", anyPerson(), "", forSession((*session.Handlers).SwitchOrganization)},
		{post, "/v1/auth/leave-organization", anyPerson(), "", forSession((*session.Handlers).LeaveOrganization)},
		{post, "/v1/auth/invitation", anybody(), "", forSession((*session.Handlers).ReadInvitation)},
		{post, "/v1/auth/accept-invitation", anybody(), "", forSession((*session.Handlers).AcceptInvitation)},
		{get, "/v1/auth/oidc", anybody(), "", forSession((*session.Handlers).ListProviders)},
		{get, "/v1/auth/oidc/{name}/start", anyVisitor(), "", forSession((*session.Handlers).StartOIDC)},
		{get, "/v1/auth/oidc/{name}/callback", anyVisitor(), "", forSession((*session.Handlers).FinishOIDC)},
		{get, "/.well-known/jwks.json", anybody(), "", (*Server).getSigningKeys},
		{get, "/auth/verify-email", anyVisitor(), "", forSession((*session.Handlers).ShowPage)},
		{get, "/auth/reset-password", anyVisitor(), "", forSession((*session.Handlers).ShowPage)},
		{get, "/auth/accept-invitation", anyVisitor(), "", forSession((*session.Handlers).ShowPage)},

		{get, "/v1/me/export", anyPerson(), "", forSession((*session.Handlers).ExportOwnData)},
		{del, "/v1/me", anyPerson(), "", forSession((*session.Handlers).EraseOwn)},
		{get, "/v1/me", anyKey(), "", forMembers((*memberHandlers).getMe)},
		{get, "/v1/members", withScope(identity.MembersRead), "members", forMembers((*memberHandlers).listMembers)},
		{patch, "/v1/members/{id}", withScope(identity.MembersManage), "members", forMembers(withIDAndBody((*memberHandlers).updateMember))},
		{del, "/v1/members/{id}", withScope(identity.MembersManage), "members", forMembers(withID((*memberHandlers).removeMember))},
		{post, "/v1/members/{id}/transfer-ownership", withScope(identity.OrganizationTransfer), "members", forMembers(withIDAndBody((*memberHandlers).transferOwnership))},
		{get, "/v1/roles", withScope(identity.MembersRead), "members", forMembers((*memberHandlers).listRoles)},
		{post, "/v1/roles", withScope(identity.RolesManage), "", forMembers(withBody((*memberHandlers).createRole))},
		{patch, "/v1/roles/{id}", withScope(identity.RolesManage), "members", forMembers(withIDAndBody((*memberHandlers).updateRole))},
		{del, "/v1/roles/{id}", withScope(identity.RolesManage), "", forMembers(withID((*memberHandlers).removeRole))},
		{post, "/v1/invitations", withScope(identity.MembersManage), "", forMembers(withBody((*memberHandlers).inviteMember))},
		{get, "/v1/invitations", withScope(identity.MembersManage), "members", forMembers((*memberHandlers).listInvitations)},
		{del, "/v1/invitations/{id}", withScope(identity.MembersManage), "", forMembers(withID((*memberHandlers).withdrawInvitation))},
		{post, "/v1/invitations/{id}/resend", withScope(identity.MembersManage), "members", forMembers(withID((*memberHandlers).resendInvitation))},

		{post, "/v1/identity-links", scopeOrPlatform(identity.MembersManage), "", forIdentityLinks(withBody((*identityLinkHandlers).linkProvider))},
		{get, "/v1/identity-links", withScope(identity.MembersManage), "identity_links", forIdentityLinks((*identityLinkHandlers).listLinks)},
		{del, "/v1/identity-links/{id}", withScope(identity.MembersManage), "", forIdentityLinks(withID((*identityLinkHandlers).unlinkProvider))},
		{put, "/v1/identity-links/{id}/joining", withScope(identity.MembersManage), "identity_links", forIdentityLinks(withIDAndBody((*identityLinkHandlers).setJoining))},

		{get, "/v1/plans", anyKey(), "", (*Server).listPlans},
		{get, "/v1/usage", withScope(identity.OrganizationRead), "usage", (*Server).getUsage},

		{post, "/v1/leads", withScope(identity.LeadsWrite), "", withBody((*Server).createLead)},
		{post, "/v1/leads/bulk", withScope(identity.LeadsWrite), "", forBulk(withBody((*bulkHandlers).createBulk))},
		{get, "/v1/leads/bulk", withScope(identity.LeadsRead), "bulk", forBulk((*bulkHandlers).listBulk)},
		{get, "/v1/leads/bulk/{id}", withScope(identity.LeadsRead), "bulk", forBulk(withID((*bulkHandlers).showBulk))},
		{get, "/v1/leads", withScope(identity.LeadsRead), "leads", (*Server).listLeads},
		{get, "/v1/leads/{id}", withScope(identity.LeadsRead), "leads", nowOrPast((*Server).showLead, (*Server).leadAt)},
		{patch, "/v1/leads/{id}", withScope(identity.LeadsWrite), "", withID((*Server).updateLead)},
		{del, "/v1/leads/{id}", withScope(identity.LeadsWrite), "", submitAndFinish(deleteLead)},
		{post, "/v1/leads/{id}/erase", withScope(identity.LeadsErase), "", submitAndFinish(eraseLead)},
		{get, "/v1/leads/{id}/enrollments", withScope(identity.LeadsRead), "campaigns", ofCampaign((*campaignHandlers).listLeadEnrollments)},
		{get, "/v1/leads/{id}/timeline", withScope(identity.LeadsRead), "timeline", (*Server).getLeadTimeline},

		{post, "/v1/imports", withScope(identity.ImportsWrite), "", (*Server).createImport},
		{get, "/v1/imports", withScope(identity.LeadsRead), "imports", (*Server).listImports},
		{post, "/v1/imports/inspect", withScope(identity.ImportsWrite), "", (*Server).inspectImport},
		{get, "/v1/imports/{id}", withScope(identity.LeadsRead), "imports", withID((*Server).getImport)},
		{get, "/v1/imports/{id}/rows", withScope(identity.LeadsRead), "imports", withID((*Server).listImportRows)},
		{post, "/v1/imports/{id}/commit", withScope(identity.ImportsWrite), "imports", withID((*Server).commitImport)},
		{get, "/v1/imports/{id}/undo", withScope(identity.LeadsRead), "leads", withID((*Server).previewImportUndo)},
		{get, "/v1/imports/{id}/errors.csv", withPII(identity.LeadsRead), "imports", withID((*Server).getImportErrors)},
		{post, "/v1/imports/{id}/undo", withScope(identity.ImportsWrite), "", submitAndFinish(undoImport)},

		{post, "/v1/exports", withPII(identity.LeadsExport), "", forExports(withBody((*exportHandlers).createExport))},
		{get, "/v1/exports", withScope(identity.LeadsExport), "exports", forExports((*exportHandlers).listExports)},
		{get, "/v1/exports/{id}", withScope(identity.LeadsExport), "exports", forExports(withID((*exportHandlers).showExport))},
		{del, "/v1/exports/{id}", withScope(identity.LeadsExport), "", submitAndFinish(discardExport)},
		{get, "/v1/exports/{id}/file", withPII(identity.LeadsExport), "exports", forExports(withID((*exportHandlers).downloadExport))},

		{post, "/v1/suppressions", withScope(identity.SuppressionsWrite), "", withBody((*Server).addSuppressions)},
		{get, "/v1/suppressions", withScope(identity.LeadsRead), "suppressions", (*Server).listSuppressions},
		{post, "/v1/suppressions/import", withScope(identity.SuppressionsWrite), "", (*Server).importSuppressions},
		{del, "/v1/suppressions/{id}", withScope(identity.SuppressionsWrite), "", submitAndFinish(removeSuppression)},

		{post, "/v1/campaigns", withScope(identity.CampaignsWrite), "", withBody((*Server).createCampaign)},
		{get, "/v1/campaigns", withScope(identity.CampaignsRead), "campaigns", forCampaigns((*campaignHandlers).listCampaigns)},
		{get, "/v1/campaigns/{id}", withScope(identity.CampaignsRead), "campaigns", nowOrPast((*Server).showCampaign, (*Server).campaignAt)},
		{patch, "/v1/campaigns/{id}", withScope(identity.CampaignsWrite), "", withID((*Server).updateCampaign)},
		{del, "/v1/campaigns/{id}", withScope(identity.CampaignsWrite), "", submitAndFinish(deleteCampaign)},
		{post, "/v1/campaigns/{id}/enrollments", withScope(identity.CampaignsWrite), "", withIDAndBody((*Server).enrollLeads)},
		{get, "/v1/campaigns/{id}/enrollments", withScope(identity.CampaignsRead), "campaigns", ofCampaign((*campaignHandlers).listEnrollments)},
		{put, "/v1/campaigns/{id}/settings", withScope(identity.CampaignsWrite), "", campaignCommand(setCampaignSettings)},
		{put, "/v1/campaigns/{id}/mailboxes", withScope(identity.CampaignsWrite), "", campaignCommand(fromBody(assignMailboxes))},
		{post, "/v1/campaigns/{id}/preview", withScope(identity.CampaignsRead), "campaigns", withIDAndBody((*Server).previewCampaign)},
		{get, "/v1/campaigns/{id}/readiness", withScope(identity.CampaignsRead), "campaigns", ofCampaign((*campaignHandlers).getReadiness)},
		{get, "/v1/campaigns/{id}/reasons", withScope(identity.CampaignsRead), "campaigns", ofCampaign((*campaignHandlers).getReasons)},
		{get, "/v1/campaigns/{id}/variables", withScope(identity.CampaignsRead), "campaigns", ofCampaign((*campaignHandlers).listVariables)},
		{get, "/v1/campaigns/{id}/versions", withScope(identity.CampaignsRead), "campaigns", ofCampaign((*campaignHandlers).listVersions)},
		{post, "/v1/campaigns/{id}/duplicate", withScope(identity.CampaignsWrite), "campaigns", ofCampaign((*campaignHandlers).duplicateCampaign)},
		{post, "/v1/campaigns/{id}/launch", withScope(identity.CampaignsSend), "campaigns", campaignCommand(launchCampaign)},
		{post, "/v1/campaigns/{id}/pause", withScope(identity.CampaignsSend), "", campaignCommand(pauseCampaign)},
		{post, "/v1/campaigns/{id}/resume", withScope(identity.CampaignsSend), "", campaignCommand(resumeCampaign)},
		{post, "/v1/campaigns/{id}/complete", withScope(identity.CampaignsSend), "", campaignCommand(completeCampaign)},
		{post, "/v1/campaigns/{id}/enrollments/pause", withScope(identity.CampaignsWrite), "", submitAndFinish(fromBody(pauseEnrollments))},
		{post, "/v1/campaigns/{id}/enrollments/resume", withScope(identity.CampaignsWrite), "", submitAndFinish(fromBody(resumeEnrollments))},
		{post, "/v1/campaigns/{id}/enrollments/stop", withScope(identity.CampaignsWrite), "", submitAndFinish(fromBody(stopEnrollments))},
		{get, "/v1/campaigns/{id}/analytics", withScope(identity.AnalyticsRead), "analytics_engagement", (*Server).getCampaignAnalytics},
		{get, "/v1/enrollments/{id}", withScope(identity.CampaignsRead), "campaigns", nowOrPast((*Server).showEnrollment, (*Server).enrollmentAt)},
		{get, "/v1/enrollments/{id}/why", withScope(identity.CampaignsRead), "analytics_events", nowOrPast((*Server).whyEnrollmentNow, (*Server).whyEnrollmentAt)},

		{post, "/v1/mailboxes", withScope(identity.MailboxesWrite), "", (*Server).connectMailbox},
		{get, "/v1/mailboxes", withScope(identity.MailboxesRead), "mailboxes", forMailboxes((*mailboxHandlers).listMailboxes)},
		{get, "/v1/domains", withScope(identity.MailboxesRead), "mailboxes", forMailboxes((*mailboxHandlers).listDomains)},
		{get, "/v1/mailboxes/{id}/days", withScope(identity.MailboxesRead), "messages", forMailboxes(withID((*mailboxHandlers).listDays))},
		{get, "/v1/mailboxes/{id}", withScope(identity.MailboxesRead), "mailboxes", nowOrPast((*Server).showMailbox, (*Server).mailboxAt)},
		{patch, "/v1/mailboxes/{id}", withScope(identity.MailboxesWrite), "mailboxes", withID((*Server).updateMailbox)},
		{del, "/v1/mailboxes/{id}", withScope(identity.MailboxesWrite), "", withID((*Server).removeMailbox)},
		{post, "/v1/mailboxes/{id}/pause", withScope(identity.MailboxesWrite), "", mailboxCommand(pauseMailbox)},
		{post, "/v1/mailboxes/{id}/resume", withScope(identity.MailboxesWrite), "", mailboxCommand(resumeMailbox)},
		{post, "/v1/mailboxes/{id}/verify", withScope(identity.MailboxesWrite), "", mailboxCommand(verifyMailbox)},

		{get, "/v1/messages", withScope(identity.MessagesRead), "messages", (*Server).listMessages},
		{get, "/v1/messages/{id}", withScope(identity.MessagesRead), "messages", withID((*Server).showMessage)},
		{get, "/v1/messages/{id}/why", withScope(identity.MessagesRead), "analytics_events", nowOrPast((*Server).whyMessageNow, (*Server).whyMessageAt)},
		{post, "/v1/messages/approve", withScope(identity.MessagesApprove), "", withBody((*Server).approveMessages)},
		{post, "/v1/messages/reject", withScope(identity.MessagesApprove), "", withBody((*Server).rejectMessages)},
		{post, "/v1/messages/{id}/redraft", withScope(identity.MessagesApprove), "", messageCommand(redraftMessage)},
		{post, "/v1/messages/{id}/resolve", withScope(identity.MessagesApprove), "", messageCommand(fromBody(resolveMessage))},

		{get, "/v1/inbox", withScope(identity.MessagesRead), "inbox", forInbox((*inboxHandlers).listInbox)},
		{get, "/v1/inbox/counts", withScope(identity.MessagesRead), "inbox", forInbox((*inboxHandlers).countInbox)},
		{get, "/v1/inbox/{id}", withScope(identity.MessagesRead), "inbox", forInbox(withID((*inboxHandlers).getInboxThread))},
		{patch, "/v1/inbox/{id}", withScope(identity.MessagesWrite), "inbox", forInbox(withIDAndBody((*inboxHandlers).updateInboxThread))},
		{post, "/v1/inbox/{id}/replies", withScope(identity.MessagesSend), "inbox", forInbox(withIDAndBody((*inboxHandlers).createReply))},
		{get, "/v1/inbox/replies/{id}", withScope(identity.MessagesRead), "inbox", forInbox(withID((*inboxHandlers).showReply))},
		{del, "/v1/inbox/replies/{id}", withScope(identity.MessagesSend), "", submitAndFinish(cancelReply)},
		{post, "/v1/inbox/replies/{id}/resolve", withScope(identity.MessagesApprove), "", submitAndFinish(fromBody(resolveReply))},

		{get, "/v1/operations/{id}", anyKey(), "", withID((*Server).getOperation)},

		{get, "/v1/reconciliation", withScope(identity.AuditRead), "", (*Server).getReconciliation},
		{post, "/v1/reconciliation", withScope(identity.AuditRead), "", (*Server).requestReconciliation},

		{get, "/v1/booking-hours", withScope(identity.OrganizationRead), "booking", (*Server).getBookingHours},
		{put, "/v1/booking-hours", withScope(identity.OrganizationManage), "", withBody((*Server).setBookingHours)},
		{get, "/v1/meetings", withScope(identity.LeadsRead), "meetings", (*Server).listMeetings},
		{get, "/v1/meetings/{id}", withScope(identity.LeadsRead), "meetings", withID((*Server).showMeeting)},
		{post, "/v1/meetings/{id}/cancel", withScope(identity.CampaignsWrite), "", withID((*Server).cancelMeeting)},
		{get, "/v1/clock", anyKey(), "", forClock((*clockHandlers).getClock)},
		{put, "/v1/clock", withScope(identity.OrganizationManage), "", forClock(withBody((*clockHandlers).setClock))},
		{get, "/v1/today", withScope(identity.OrganizationRead), "organizations", forToday((*todayHandlers).getToday)},
		{get, "/v1/send-plan", withScope(identity.CampaignsRead), "campaigns", forToday((*todayHandlers).getSendPlan)},
		{get, "/v1/trace/{id}", withScope(identity.AuditRead), "analytics_events", withID((*Server).getTrace)},
		{get, "/v1/events", anyKey(), "", (*Server).streamEvents},

		{get, "/v1/audit/events", withScope(identity.AuditRead), "analytics_events", forAudit((*auditHandlers).listAuditEvents)},
		{get, "/v1/audit/histogram", withScope(identity.AuditRead), "analytics_events", forHistory((*historyHandlers).countAuditEvents)},
		{get, "/v1/audit/head", withScope(identity.AuditRead), "chains", forHistory((*historyHandlers).getAuditHead)},
		{get, "/v1/audit/events/{id}", withScope(identity.AuditRead), "analytics_events", forHistory(withID((*historyHandlers).getAuditEvent))},
		{get, "/v1/changes", withScope(identity.AuditRead), "analytics_events", forHistory((*historyHandlers).compareInstants)},
		{get, "/v1/audit/export", withScope(identity.AuditRead), "analytics_events", forAudit((*auditHandlers).exportAudit)},
		{get, "/v1/audit/key", anybody(), "", forAudit((*auditHandlers).getAuditKey)},

		{get, "/t/o/{token}", anyVisitor(), "", forVisitor((*visitor.Handlers).TrackOpen)},
		{get, "/t/c/{token}", anyVisitor(), "", forVisitor((*visitor.Handlers).TrackClick)},
		{get, "/u/{token}", anyVisitor(), "", forVisitor((*visitor.Handlers).ShowUnsubscribe)},
		{post, "/u/{token}", anyVisitor(), "", forVisitor((*visitor.Handlers).RecordUnsubscribe)},
		{get, "/b/{token}", anyVisitor(), "", forVisitor((*visitor.Handlers).ShowBooking)},
		{post, "/b/{token}", anyVisitor(), "", forVisitor((*visitor.Handlers).BookMeeting)},
		{get, "/b/{token}/meeting.ics", anyVisitor(), "", forVisitor((*visitor.Handlers).DownloadMeeting)},

		{get, "/healthz", anybody(), "", showHealth},
		{get, "/readyz", anybody(), "", showReadiness},
		{get, "/openapi.yaml", anybody(), "", showOpenAPI},
		{get, "/docs", anybody(), "", showDocs},
	}
}
