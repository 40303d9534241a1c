// Package hubspotlike is a stand-in for HubSpot: it keeps contacts, lists, owners, properties and activities, answers what Outrider uses of the API in the version of
// 2026-03, posts signed notifications, and misbehaves where it is asked to. HubSpot's own client for Python drives it (see sdk, make test-hubspot); what that can't work with is no stand-in.
package hubspotlike
