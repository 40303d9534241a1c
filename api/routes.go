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

		{post, "/v1/api-keys", orPlatform(identity.KeysManage), "", (*Server).createAPIKey},
		{get, "/v1/api-keys", orPlatform(identity.KeysManage), "", (*Server).listAPIKeys},
		{del, "/v1/api-keys/{id}", orPlatform(identity.KeysManage), "", (*Server).revokeAPIKey},

		{get, "/v1/plans", anyKey(), "", (*Server).listPlans},
		{get, "/v1/usage", scope(identity.OrganizationRead), "usage", (*Server).getUsage},

		{post, "/v1/leads", scope(identity.LeadsWrite), "", (*Server).createLead},
		{get, "/v1/leads", scope(identity.LeadsRead), "leads", (*Server).listLeads},
		{get, "/v1/leads/{id}", scope(identity.LeadsRead), "leads", (*Server).getLead},
		{patch, "/v1/leads/{id}", scope(identity.LeadsWrite), "", (*Server).updateLead},
		{del, "/v1/leads/{id}", scope(identity.LeadsWrite), "", (*Server).deleteLead},
		{post, "/v1/leads/{id}/erase", scope(identity.LeadsErase), "", (*Server).eraseLead},
		{get, "/v1/leads/{id}/timeline", scope(identity.LeadsRead), "timeline", (*Server).getLeadTimeline},

		{post, "/v1/imports", scope(identity.ImportsWrite), "", (*Server).createImport},
		{get, "/v1/imports", scope(identity.LeadsRead), "imports", (*Server).listImports},
		{get, "/v1/imports/{id}", scope(identity.LeadsRead), "imports", (*Server).getImport},
		{get, "/v1/imports/{id}/errors.csv", scope(identity.LeadsRead), "imports", (*Server).getImportErrors},
		{post, "/v1/imports/{id}/undo", scope(identity.ImportsWrite), "", (*Server).undoImport},

		{post, "/v1/suppressions", scope(identity.SuppressionsWrite), "", (*Server).addSuppressions},
		{get, "/v1/suppressions", scope(identity.LeadsRead), "suppressions", (*Server).listSuppressions},
		{del, "/v1/suppressions/{id}", scope(identity.SuppressionsWrite), "", (*Server).removeSuppression},

		{post, "/v1/campaigns", scope(identity.CampaignsWrite), "", (*Server).createCampaign},
		{get, "/v1/campaigns", scope(identity.CampaignsRead), "campaigns", (*Server).listCampaigns},
		{get, "/v1/campaigns/{id}", scope(identity.CampaignsRead), "campaigns", (*Server).getCampaign},
		{patch, "/v1/campaigns/{id}", scope(identity.CampaignsWrite), "", (*Server).updateCampaign},
		{del, "/v1/campaigns/{id}", scope(identity.CampaignsWrite), "", (*Server).deleteCampaign},
		{post, "/v1/campaigns/{id}/enrollments", scope(identity.CampaignsWrite), "", (*Server).enrollLeads},
		{get, "/v1/campaigns/{id}/enrollments", scope(identity.CampaignsRead), "campaigns", (*Server).listEnrollments},
		{put, "/v1/campaigns/{id}/settings", scope(identity.CampaignsWrite), "", (*Server).setCampaignSettings},
		{put, "/v1/campaigns/{id}/mailboxes", scope(identity.CampaignsWrite), "", (*Server).assignMailboxes},
		{post, "/v1/campaigns/{id}/preview", scope(identity.CampaignsRead), "campaigns", (*Server).previewCampaign},
		{post, "/v1/campaigns/{id}/launch", scope(identity.CampaignsSend), "campaigns", (*Server).launchCampaign},
		{post, "/v1/campaigns/{id}/pause", scope(identity.CampaignsSend), "", (*Server).pauseCampaign},
		{post, "/v1/campaigns/{id}/resume", scope(identity.CampaignsSend), "", (*Server).resumeCampaign},
		{post, "/v1/campaigns/{id}/complete", scope(identity.CampaignsSend), "", (*Server).completeCampaign},
		{post, "/v1/campaigns/{id}/enrollments/pause", scope(identity.CampaignsWrite), "", (*Server).pauseEnrollments},
		{post, "/v1/campaigns/{id}/enrollments/resume", scope(identity.CampaignsWrite), "", (*Server).resumeEnrollments},
		{post, "/v1/campaigns/{id}/enrollments/stop", scope(identity.CampaignsWrite), "", (*Server).stopEnrollments},
		{get, "/v1/campaigns/{id}/analytics", scope(identity.AnalyticsRead), "analytics_engagement", (*Server).getCampaignAnalytics},
		{get, "/v1/enrollments/{id}", scope(identity.CampaignsRead), "campaigns", (*Server).getEnrollment},
		{get, "/v1/enrollments/{id}/why", scope(identity.CampaignsRead), "analytics_events", (*Server).whyEnrollment},

		{post, "/v1/mailboxes", scope(identity.MailboxesWrite), "", (*Server).connectMailbox},
		{get, "/v1/mailboxes", scope(identity.MailboxesRead), "mailboxes", (*Server).listMailboxes},
		{get, "/v1/mailboxes/{id}", scope(identity.MailboxesRead), "mailboxes", (*Server).getMailbox},
		{patch, "/v1/mailboxes/{id}", scope(identity.MailboxesWrite), "mailboxes", (*Server).updateMailbox},
		{del, "/v1/mailboxes/{id}", scope(identity.MailboxesWrite), "", (*Server).removeMailbox},
		{post, "/v1/mailboxes/{id}/pause", scope(identity.MailboxesWrite), "", (*Server).pauseMailbox},
		{post, "/v1/mailboxes/{id}/resume", scope(identity.MailboxesWrite), "", (*Server).resumeMailbox},
		{post, "/v1/mailboxes/{id}/verify", scope(identity.MailboxesWrite), "", (*Server).verifyMailbox},

		{get, "/v1/messages", scope(identity.MessagesRead), "messages", (*Server).listMessages},
		{get, "/v1/messages/{id}", scope(identity.MessagesRead), "messages", (*Server).getMessage},
		{get, "/v1/messages/{id}/why", scope(identity.MessagesRead), "analytics_events", (*Server).whyMessage},
		{post, "/v1/messages/approve", scope(identity.MessagesApprove), "", (*Server).approveMessages},
		{post, "/v1/messages/reject", scope(identity.MessagesApprove), "", (*Server).rejectMessages},
		{post, "/v1/messages/{id}/redraft", scope(identity.MessagesApprove), "", (*Server).redraftMessage},
		{post, "/v1/messages/{id}/resolve", scope(identity.MessagesApprove), "", (*Server).resolveMessage},

		{get, "/v1/inbox", scope(identity.MessagesRead), "inbox", (*Server).listInbox},
		{get, "/v1/inbox/{id}", scope(identity.MessagesRead), "inbox", (*Server).getInboxThread},

		{get, "/v1/operations/{id}", anyKey(), "", (*Server).getOperation},

		{get, "/v1/reconciliation", scope(identity.AuditRead), "", (*Server).getReconciliation},
		{post, "/v1/reconciliation", scope(identity.AuditRead), "", (*Server).requestReconciliation},

		{get, "/v1/booking-hours", scope(identity.OrganizationRead), "booking", (*Server).getBookingHours},
		{put, "/v1/booking-hours", scope(identity.OrganizationManage), "", (*Server).setBookingHours},
		{get, "/v1/meetings", scope(identity.LeadsRead), "meetings", (*Server).listMeetings},
		{get, "/v1/meetings/{id}", scope(identity.LeadsRead), "meetings", (*Server).getMeeting},
		{post, "/v1/meetings/{id}/cancel", scope(identity.CampaignsWrite), "", (*Server).cancelMeeting},
		{get, "/v1/trace/{id}", scope(identity.AuditRead), "analytics_events", (*Server).getTrace},
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
