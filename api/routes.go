package api

import (
	"net/http"

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
		{get, "/v1/organizations/{id}", orPlatform(identity.OrganizationRead), "organizations", (*Server).getOrganization},
		{patch, "/v1/organizations/{id}", orPlatform(identity.OrganizationManage), "", (*Server).updateOrganization},
		{del, "/v1/organizations/{id}", platformOnly(), "", (*Server).deleteOrganization},

		{post, "/v1/api-keys", orPlatform(identity.KeysManage), "", withBody((*Server).createAPIKey)},
		{get, "/v1/api-keys", orPlatform(identity.KeysManage), "", (*Server).listAPIKeys},
		{del, "/v1/api-keys/{id}", orPlatform(identity.KeysManage), "", withID((*Server).revokeAPIKey)},

		{get, "/v1/plans", anyKey(), "", (*Server).listPlans},
		{get, "/v1/usage", scope(identity.OrganizationRead), "usage", (*Server).getUsage},

		{post, "/v1/leads", scope(identity.LeadsWrite), "", withBody((*Server).createLead)},
		{get, "/v1/leads", scope(identity.LeadsRead), "leads", (*Server).listLeads},
		{get, "/v1/leads/{id}", scope(identity.LeadsRead), "leads", nowOrPast((*Server).showLead, (*Server).leadAt)},
		{patch, "/v1/leads/{id}", scope(identity.LeadsWrite), "", withID((*Server).updateLead)},
		{del, "/v1/leads/{id}", scope(identity.LeadsWrite), "", submitAndFinish(deleteLead)},
		{post, "/v1/leads/{id}/erase", scope(identity.LeadsErase), "", submitAndFinish(eraseLead)},
		{get, "/v1/leads/{id}/timeline", scope(identity.LeadsRead), "timeline", (*Server).getLeadTimeline},

		{post, "/v1/imports", scope(identity.ImportsWrite), "", (*Server).createImport},
		{get, "/v1/imports", scope(identity.LeadsRead), "imports", (*Server).listImports},
		{get, "/v1/imports/{id}", scope(identity.LeadsRead), "imports", withID((*Server).getImport)},
		{get, "/v1/imports/{id}/errors.csv", scope(identity.LeadsRead), "imports", withID((*Server).getImportErrors)},
		{post, "/v1/imports/{id}/undo", scope(identity.ImportsWrite), "", submitAndFinish(undoImport)},

		{post, "/v1/suppressions", scope(identity.SuppressionsWrite), "", withBody((*Server).addSuppressions)},
		{get, "/v1/suppressions", scope(identity.LeadsRead), "suppressions", (*Server).listSuppressions},
		{del, "/v1/suppressions/{id}", scope(identity.SuppressionsWrite), "", submitAndFinish(removeSuppression)},

		{post, "/v1/campaigns", scope(identity.CampaignsWrite), "", withBody((*Server).createCampaign)},
		{get, "/v1/campaigns", scope(identity.CampaignsRead), "campaigns", (*Server).listCampaigns},
		{get, "/v1/campaigns/{id}", scope(identity.CampaignsRead), "campaigns", nowOrPast((*Server).showCampaign, (*Server).campaignAt)},
		{patch, "/v1/campaigns/{id}", scope(identity.CampaignsWrite), "", withID((*Server).updateCampaign)},
		{del, "/v1/campaigns/{id}", scope(identity.CampaignsWrite), "", submitAndFinish(deleteCampaign)},
		{post, "/v1/campaigns/{id}/enrollments", scope(identity.CampaignsWrite), "", withIDAndBody((*Server).enrollLeads)},
		{get, "/v1/campaigns/{id}/enrollments", scope(identity.CampaignsRead), "campaigns", withID((*Server).listEnrollments)},
		{put, "/v1/campaigns/{id}/settings", scope(identity.CampaignsWrite), "", campaignCommand(setCampaignSettings)},
		{put, "/v1/campaigns/{id}/mailboxes", scope(identity.CampaignsWrite), "", campaignCommand(fromBody(assignMailboxes))},
		{post, "/v1/campaigns/{id}/preview", scope(identity.CampaignsRead), "campaigns", withIDAndBody((*Server).previewCampaign)},
		{post, "/v1/campaigns/{id}/launch", scope(identity.CampaignsSend), "campaigns", campaignCommand(launchCampaign)},
		{post, "/v1/campaigns/{id}/pause", scope(identity.CampaignsSend), "", campaignCommand(pauseCampaign)},
		{post, "/v1/campaigns/{id}/resume", scope(identity.CampaignsSend), "", campaignCommand(resumeCampaign)},
		{post, "/v1/campaigns/{id}/complete", scope(identity.CampaignsSend), "", campaignCommand(completeCampaign)},
		{post, "/v1/campaigns/{id}/enrollments/pause", scope(identity.CampaignsWrite), "", submitAndFinish(fromBody(pauseEnrollments))},
		{post, "/v1/campaigns/{id}/enrollments/resume", scope(identity.CampaignsWrite), "", submitAndFinish(fromBody(resumeEnrollments))},
		{post, "/v1/campaigns/{id}/enrollments/stop", scope(identity.CampaignsWrite), "", submitAndFinish(fromBody(stopEnrollments))},
		{get, "/v1/campaigns/{id}/analytics", scope(identity.AnalyticsRead), "analytics_engagement", (*Server).getCampaignAnalytics},
		{get, "/v1/enrollments/{id}", scope(identity.CampaignsRead), "campaigns", nowOrPast((*Server).showEnrollment, (*Server).enrollmentAt)},
		{get, "/v1/enrollments/{id}/why", scope(identity.CampaignsRead), "analytics_events", nowOrPast((*Server).whyEnrollmentNow, (*Server).whyEnrollmentAt)},

		{post, "/v1/mailboxes", scope(identity.MailboxesWrite), "", (*Server).connectMailbox},
		{get, "/v1/mailboxes", scope(identity.MailboxesRead), "mailboxes", (*Server).listMailboxes},
		{get, "/v1/mailboxes/{id}", scope(identity.MailboxesRead), "mailboxes", nowOrPast((*Server).showMailbox, (*Server).mailboxAt)},
		{patch, "/v1/mailboxes/{id}", scope(identity.MailboxesWrite), "mailboxes", withID((*Server).updateMailbox)},
		{del, "/v1/mailboxes/{id}", scope(identity.MailboxesWrite), "", withID((*Server).removeMailbox)},
		{post, "/v1/mailboxes/{id}/pause", scope(identity.MailboxesWrite), "", mailboxCommand(pauseMailbox)},
		{post, "/v1/mailboxes/{id}/resume", scope(identity.MailboxesWrite), "", mailboxCommand(resumeMailbox)},
		{post, "/v1/mailboxes/{id}/verify", scope(identity.MailboxesWrite), "", mailboxCommand(verifyMailbox)},

		{get, "/v1/messages", scope(identity.MessagesRead), "messages", (*Server).listMessages},
		{get, "/v1/messages/{id}", scope(identity.MessagesRead), "messages", withID((*Server).showMessage)},
		{get, "/v1/messages/{id}/why", scope(identity.MessagesRead), "analytics_events", nowOrPast((*Server).whyMessageNow, (*Server).whyMessageAt)},
		{post, "/v1/messages/approve", scope(identity.MessagesApprove), "", withBody((*Server).approveMessages)},
		{post, "/v1/messages/reject", scope(identity.MessagesApprove), "", withBody((*Server).rejectMessages)},
		{post, "/v1/messages/{id}/redraft", scope(identity.MessagesApprove), "", messageCommand(redraftMessage)},
		{post, "/v1/messages/{id}/resolve", scope(identity.MessagesApprove), "", messageCommand(fromBody(resolveMessage))},

		{get, "/v1/inbox", scope(identity.MessagesRead), "inbox", (*Server).listInbox},
		{get, "/v1/inbox/{id}", scope(identity.MessagesRead), "inbox", withID((*Server).getInboxThread)},

		{get, "/v1/operations/{id}", anyKey(), "", withID((*Server).getOperation)},

		{get, "/v1/reconciliation", scope(identity.AuditRead), "", (*Server).getReconciliation},
		{post, "/v1/reconciliation", scope(identity.AuditRead), "", (*Server).requestReconciliation},

		{get, "/v1/booking-hours", scope(identity.OrganizationRead), "booking", (*Server).getBookingHours},
		{put, "/v1/booking-hours", scope(identity.OrganizationManage), "", withBody((*Server).setBookingHours)},
		{get, "/v1/meetings", scope(identity.LeadsRead), "meetings", (*Server).listMeetings},
		{get, "/v1/meetings/{id}", scope(identity.LeadsRead), "meetings", withID((*Server).showMeeting)},
		{post, "/v1/meetings/{id}/cancel", scope(identity.CampaignsWrite), "", withID((*Server).cancelMeeting)},
		{get, "/v1/trace/{id}", scope(identity.AuditRead), "analytics_events", withID((*Server).getTrace)},
		{get, "/v1/events", scope(identity.AuditRead), "", (*Server).streamEvents},

		{get, "/v1/audit/events", scope(identity.AuditRead), "analytics_events", (*Server).listAuditEvents},
		{get, "/v1/audit/export", scope(identity.AuditRead), "analytics_events", (*Server).exportAudit},
		{get, "/v1/audit/key", public(), "", (*Server).getAuditKey},

		{get, "/t/o/{token}", visitors(), "", (*Server).trackOpen},
		{get, "/t/c/{token}", visitors(), "", (*Server).trackClick},
		{get, "/u/{token}", visitors(), "", (*Server).showUnsubscribe},
		{post, "/u/{token}", visitors(), "", (*Server).unsubscribe},
		{get, "/b/{token}", visitors(), "", (*Server).showBooking},
		{post, "/b/{token}", visitors(), "", (*Server).bookMeeting},
		{get, "/b/{token}/meeting.ics", visitors(), "", (*Server).meetingFile},

		{get, "/healthz", public(), "", (*Server).health},
		{get, "/readyz", public(), "", (*Server).ready},
		{get, "/metrics", public(), "", (*Server).metrics},
		{get, "/openapi.yaml", public(), "", (*Server).openapi},
		{get, "/docs", public(), "", (*Server).docs},
	}
}
