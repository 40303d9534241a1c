// Package salesforcelike is a stand-in for Salesforce: it keeps leads, contacts, tasks, owners and list views, answers what Outrider uses of the REST API with the queries
// that it takes, and misbehaves where it is asked to. jsforce drives it (see sdk, make test-salesforce); what that can't work with is no stand-in.
package salesforcelike
