package crm_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/crmapi"
	"outrider/internal/es"
	"outrider/internal/hubspot"
	services "outrider/internal/integrations"
	"outrider/internal/lab/crmlike"
	"outrider/internal/lab/hubspotlike"
	"outrider/internal/lab/salesforcelike"
	"outrider/internal/profile"
	"outrider/internal/salesforce"
)

// account is a stand-in.
type account interface {
	http.Handler
	Put(email string, values map[string]string) string
	Delete(id string)
	OptOut(email string)
	State() crmlike.State
	Behave(change func(*crmlike.Misbehave))
	Writes() (writes, requests int)
	Revoke()
	Allow(token string)
}

// vendor is a CRM, and how it is spoken to.
type vendor struct {
	name, account, key string
	owner, ownerID     string // what is brought in of owners, and what is set there
	refuses            string
	limit              time.Duration // how long it wants to be left alone who asks too much
	begin              func(now func() time.Time) account
	ask                func(url string, c services.Caller) crmapi.Service
	expect             func([]*es.Event, events.CRMSettings, map[uuid.UUID]profile.Profile) (crmlike.State, error)
	putOwner           func(a account, id, name string)
	putList            func(a account, ids ...string) (list string)
}

func hubSpot() vendor {
	return vendor{name: hubspot.Name, account: "4711", key: hubspotlike.Key, owner: "hubspot_owner_id", ownerID: "hubspot_owner_id", refuses: "INVALID_OPTION", limit: time.Minute,
		begin: func(now func() time.Time) account {
			return hubspotlike.New(hubspotlike.Options{Now: now, Secret: "secret"})
		},
		ask: func(url string, c services.Caller) crmapi.Service { return hubspot.New(url, c) }, expect: hubspotlike.Expect,
		putOwner: func(a account, id, name string) {
			first, last, _ := strings.Cut(name, " ")
			a.(*hubspotlike.Server).PutOwner(id, first, last, "")
		},
		putList: func(a account, ids ...string) string { a.(*hubspotlike.Server).PutList("7", ids...); return "7" }}
}

func salesForce() vendor {
	return vendor{name: salesforce.Name, account: "00Dxx0000000001EAA", key: salesforcelike.Key, owner: "Owner.Name", ownerID: "OwnerId", refuses: "FIELD_CUSTOM_VALIDATION_EXCEPTION", limit: 15 * time.Minute,
		begin: func(now func() time.Time) account {
			return salesforcelike.New(salesforcelike.Options{Now: now, PageSize: 150})
		},
		ask: func(url string, c services.Caller) crmapi.Service { return salesforce.New(url, c) }, expect: salesforcelike.Expect,
		putOwner: func(a account, id, name string) { a.(*salesforcelike.Server).PutOwner(id, name) },
		putList: func(a account, ids ...string) string {
			a.(*salesforcelike.Server).PutView("Lead", "00Bxx01", "Trade fair", "Id IN ('"+strings.Join(ids, "','")+"')")
			return "Lead:00Bxx01"
		}}
}

// both runs a test with each.
func both(t *testing.T, test func(*testing.T, vendor)) {
	t.Helper()
	for _, v := range []vendor{hubSpot(), salesForce()} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			test(t, v)
		})
	}
}

// remote is what a field of leads is called there.
func (w *world) remote(field string) string {
	for _, f := range w.settings.Fields {
		if f.Field == field {
			return f.Remote
		}
	}
	return field
}

// put has somebody in the CRM write values of fields of leads.
func (w *world) put(email string, values map[string]string) string {
	there := map[string]string{}
	for field, v := range values {
		there[w.remote(field)] = v
	}
	return w.there.Put(email, there)
}

// at is a contact's value of a field of leads.
func (w *world) at(email, field string) string {
	v := w.there.State().Contacts[email][w.remote(field)]
	if v == "[not provided]" {
		return ""
	}
	return v
}
