package node

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/crmapi"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/googlecalendar"
	"outrider/internal/hubspot"
	remote "outrider/internal/integrations"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/salesforce"
	"outrider/internal/scheduling"
	"outrider/projections/analytics"
)

// Integrating says who we are at services that organisations connect to.
type Integrating struct {
	HubSpotClientID            string `name:"hubspot-client-id" env:"HUBSPOT_CLIENT_ID" help:"App of HubSpot's, with which people connect their CRM by signing in; its redirect is PUBLIC-URL/v1/integration-sign-ins/callback. Without one it is connected by a key." placeholder:"ID"`
	HubSpotClientSecret        string `name:"hubspot-client-secret" env:"HUBSPOT_CLIENT_SECRET" help:"Its secret." placeholder:"SECRET"`
	SalesforceID               string `name:"salesforce-client-id" env:"SALESFORCE_CLIENT_ID" help:"Connected app of Salesforce's, with which people connect their CRM; its callback is PUBLIC-URL/v1/integration-sign-ins/callback, with PKCE." placeholder:"ID"`
	SalesforceSecret           string `name:"salesforce-client-secret" env:"SALESFORCE_CLIENT_SECRET" help:"Its secret." placeholder:"SECRET"`
	SalesforceLogin            string `name:"salesforce-login-url" env:"SALESFORCE_LOGIN_URL" help:"Where people sign in: https://test.salesforce.com for sandboxes." placeholder:"URL"`
	CalcomURL                  string `name:"calcom-url" env:"CALCOM_URL" help:"API of Cal.com, where it is an installation of one's own." placeholder:"URL"`
	CalendlyURL                string `name:"calendly-url" help:"What takes the place of Calendly: for tests." placeholder:"URL" hidden:""`
	HubSpotURL                 string `name:"hubspot-url" help:"What takes the place of HubSpot: for tests." placeholder:"URL" hidden:""`
	GoogleCalendarClientID     string `name:"google-calendar-client-id" env:"GOOGLE_CALENDAR_CLIENT_ID" help:"Client of Google's, with which people connect their calendar by signing in; its redirect is PUBLIC-URL/v1/integration-sign-ins/callback." placeholder:"ID"`
	GoogleCalendarClientSecret string `name:"google-calendar-client-secret" env:"GOOGLE_CALENDAR_CLIENT_SECRET" help:"Its secret." placeholder:"SECRET"`
	GoogleCalendarURL          string `name:"google-calendar-url" help:"What takes the place of Google Calendar: for tests." placeholder:"URL" hidden:""`
}

// services are what the work with services of others stands on.
type services struct {
	connector *integrations.Connector
	limits    *remote.Limiter
	http      *http.Client
	hubspot   string // base of its API; "" = its own
	login     string // of Salesforce; "" = its own
	calendar  string // what takes the place of Google Calendar; "" = nothing
	pages     map[string]scheduling.Service
}

// newServices makes them. Public addresses are reached, or this machine alone while the world is simulated.
func (n *Node) newServices() services {
	in := n.mailing.integrating
	dialer := dial.Dialer{}
	if n.mailing.loopback {
		dialer.Reach = dial.Loopback
	}
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute},
		CheckRedirect: dial.NoRedirect}
	registry := remote.NewRegistry(n.mailing.base+"/v1/integration-sign-ins/callback", client, hubspot.Provider(mailoauth.Client{ID: in.HubSpotClientID, Secret: in.HubSpotClientSecret}, in.HubSpotURL),
		salesforce.Provider(mailoauth.Client{ID: in.SalesforceID, Secret: in.SalesforceSecret}, in.SalesforceLogin),
		googlecalendar.Provider(mailoauth.Client{ID: in.GoogleCalendarClientID, Secret: in.GoogleCalendarClientSecret}, in.GoogleCalendarURL),
		remote.Provider{Name: scheduling.Calendly, Kind: remote.Calendar, Keys: true}, remote.Provider{Name: scheduling.Calcom, Kind: remote.Calendar, Keys: true})
	s := services{http: client, hubspot: in.HubSpotURL, login: in.SalesforceLogin, calendar: in.GoogleCalendarURL, pages: map[string]scheduling.Service{scheduling.Calendly: scheduling.CalendlyAPI{Base: in.CalendlyURL}, scheduling.Calcom: scheduling.CalcomAPI{Base: in.CalcomURL}}, limits: remote.NewLimiter(nil)}
	if n.requests.shared != nil {
		s.limits = remote.NewLimiter(n.requests.shared)
	}
	s.connector = &integrations.Connector{Registry: registry, Credentials: remote.Credentials{Vault: n.vault, Tokens: registry.Tokens(n.vault)}, Vault: n.vault,
		Identify:      map[string]integrations.Identify{hubspot.Name: s.identifyHubSpot, salesforce.Name: s.identifySalesforce, googlecalendar.Name: s.identifyCalendar, scheduling.Calendly: s.identifyPages(scheduling.Calendly), scheduling.Calcom: s.identifyPages(scheduling.Calcom)},
		HubSpotSecret: in.HubSpotClientSecret, Heard: integrations.Heard{Pool: n.Pools.Identity, Now: time.Now}.Note, Wake: integrations.Heard{Pool: n.Pools.Identity, Now: time.Now}.Wake}
	s.connector.CRM, s.connector.Calendar = s.crm, s.calendarClient
	return s
}

// identifyHubSpot asks HubSpot whose an access token is.
func (s services) identifyHubSpot(ctx context.Context, access string) (who integrations.Account, err error) {
	a, err := hubspot.New(s.hubspot, remote.Caller{HTTP: s.http, Access: func(context.Context) (string, error) { return access, nil }, Refuse: func(context.Context) bool { return false }}).GetAccount(ctx)
	if err != nil {
		return who, err
	}
	who = integrations.Account{ID: a.ID(), Name: a.ID()}
	if a.Domain != "" {
		who.Name = a.Domain + " (" + a.ID() + ")"
	}
	return who, nil
}

// identifySalesforce asks Salesforce whose an access token is.
func (s services) identifySalesforce(ctx context.Context, access string) (who integrations.Account, err error) {
	a, err := salesforce.GetAccount(ctx, s.login, remote.Caller{HTTP: s.http, Access: func(context.Context) (string, error) { return access, nil }, Refuse: func(context.Context) bool { return false }})
	if err == nil && a.OrganizationID == "" {
		err = &remote.NeedsYou{Reason: remote.Refused, Detail: "Salesforce doesn't say which organisation it is"}
	}
	return integrations.Account{ID: a.OrganizationID, Name: a.Username}, err
}

// crms are the CRMs that are spoken to.
func crms() []string { return []string{hubspot.Name, salesforce.Name} }

// prepareCRM makes who notes what CRMs are to be told, and who tells them. CRMs live in real time, also where ours is simulated.
func (n *Node) prepareCRM(log *slog.Logger) (err error) {
	turns := integrations.Turns{Pool: n.Pools.Projector, Now: time.Now}
	creds, leads, shown := n.services.connector.Credentials, ReadModel("leads"), analytics.Events()
	files, err := n.newImports()
	if err != nil {
		return err
	}
	if n.crm, err = crm.NewWorker(crm.WorkerConfig{Turns: turns, Vault: n.vault, Reads: n.Pools.API, Commands: n.Gateway, Imports: files, Poll: crmPoll, Now: n.clock.Now, Log: log, Services: crms(), Service: n.services.crm,
		Forget: creds.Reread,
		Position: func(ctx context.Context, partition int32, pseq int64) error {
			return n.Positions.Wait(ctx, leads, partition, pseq)
		}}); err != nil {
		return err
	}
	n.consumers.CRM, err = crm.NewEnqueuer(crm.EnqueueConfig{Turns: turns, Identity: n.Pools.Identity, Vault: n.vault, Forget: creds.Forget, History: webhookHistory{analytics.History{Conn: n.ClickHouse}}, Await: n.awaitReads, Wake: n.crm.Wake, Services: crms(),
		Shown: func(ctx context.Context, e *es.Event) error {
			return n.Positions.Wait(ctx, project.ProjectionKey{Name: shown.Name, Version: shown.Version}, e.Partition, e.Pseq)
		}})
	return err
}

// crmPoll is how often a CRM is asked what has changed there, whatever it tells by itself.
const crmPoll = time.Minute

// crm asks a CRM as a connection.
func (s services) crm(ctx context.Context, provider string, org, connection uuid.UUID) (crmapi.Service, error) {
	creds := s.connector.Credentials
	account := provider + " " + connection.String()
	caller := remote.Caller{HTTP: s.http,
		Access: func(ctx context.Context) (string, error) { return creds.Access(ctx, org, connection) },
		Refuse: func(ctx context.Context) bool { return creds.Refuse(ctx, org, connection) }}
	switch provider {
	case hubspot.Name:
		all, search := hubspot.Rates()
		caller.Limit = func(ctx context.Context, r *http.Request) error {
			if strings.HasSuffix(r.URL.Path, "/search") {
				if err := s.limits.Wait(ctx, "hubspot search "+connection.String(), search); err != nil {
					return err
				}
			}
			return s.limits.Wait(ctx, account, all)
		}
		return hubspot.New(s.hubspot, caller), nil
	case salesforce.Name:
		caller.Limit = func(ctx context.Context, _ *http.Request) error {
			return s.limits.Wait(ctx, account, salesforce.Rate())
		}
		instance, err := creds.Instance(ctx, org, connection)
		if err != nil {
			return nil, err
		}
		return salesforce.New(instance, caller), nil
	}
	return nil, nil //nolint:nilnil // it is no CRM
}
