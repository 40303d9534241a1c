package consumers

import (
	"outrider/consumers/answers"
	"outrider/consumers/bulk"
	"outrider/consumers/calendars"
	"outrider/consumers/crm"
	"outrider/consumers/exports"
	"outrider/consumers/flags"
	"outrider/consumers/imports"
	"outrider/consumers/mailboxes"
	"outrider/consumers/meetings"
	"outrider/consumers/notices"
	"outrider/consumers/payments"
	"outrider/consumers/privacy"
	"outrider/consumers/reports"
	"outrider/consumers/research"
	"outrider/consumers/scoring"
	"outrider/consumers/sending"
	"outrider/consumers/webhooks"
	"outrider/consumers/writing"
	"outrider/internal/es/react"
)

// Reactors are all reactors to events.
type Reactors struct {
	Imports   *imports.Imports
	Exports   *exports.Exports
	Bulk      *bulk.Bulk
	Eraser    *privacy.Eraser
	Slugs     *privacy.SlugConfirmer
	Access    *privacy.AccessKeeper
	Listing   *privacy.DirectoryKeeper
	Members   *privacy.MembershipKeeper
	Links     *privacy.IdentityLinkKeeper
	Verifier  *mailboxes.Verifier
	Domains   *mailboxes.DomainChecker
	Drafter   *writing.Drafter
	Dispatch  *sending.Dispatcher
	Send      *sending.SendReactor
	Response  *sending.ResponseReactor
	Tests     *sending.TestReactor
	Confirm   *meetings.MeetingConfirmer
	Pages     *meetings.PageWatcher
	Answer    *answers.Answerer
	Notices   *notices.AccountNotices
	Told      *notices.MemberNotices
	Webhooks  *webhooks.Enqueuer
	CRM       *crm.Enqueuer
	Calendars *calendars.Enqueuer
	Extra     *payments.ExtraLeads
	Ended     *payments.DeletedOrganizations
	Flags     *flags.Switcher
	Reports   *reports.Reports
	Research  *research.Researcher
	Scoring   *scoring.Scoring
}

// List returns them in the order in which they are started and shown.
func (r Reactors) List() []react.Reactor {
	return []react.Reactor{
		r.Imports.Reactor(),
		r.Exports.Reactor(),
		r.Bulk.Reactor(),
		r.Eraser.Reactor(),
		r.Slugs.Reactor(),
		r.Access.Reactor(),
		r.Listing.Reactor(),
		r.Members.Reactor(),
		r.Links.Reactor(),
		r.Verifier.Reactor(),
		r.Domains.Reactor(),
		r.Drafter.Reactor(),
		r.Dispatch.Reactor(),
		r.Send.Reactor(),
		r.Response.Reactor(),
		r.Tests.Reactor(),
		r.Confirm.Reactor(),
		r.Pages.Reactor(),
		r.Answer.Reactor(),
		r.Notices.Reactor(),
		r.Told.Reactor(),
		r.Webhooks.Reactor(),
		r.CRM.Reactor(),
		r.Calendars.Reactor(),
		r.Extra.Reactor(),
		r.Ended.Reactor(),
		r.Flags.Reactor(),
		r.Reports.Reactor(),
		r.Research.Reactor(),
		r.Scoring.Reactor(),
	}
}
