package api

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"outrider/events"
	"outrider/internal/app/asof"
	"outrider/internal/app/integrations"
	"outrider/internal/app/models"
	"outrider/internal/app/standing"
	"outrider/internal/audit"
	"outrider/internal/connlimit"
	"outrider/internal/es/reader"
	"outrider/internal/identity"
	"outrider/internal/kafka"
	"outrider/internal/linktoken"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/mail/remoteimage"
	"outrider/internal/peopledata"
	"outrider/internal/pii"
)

// Config is what a Server stands on. All of it is needed unless it says otherwise.
type Config struct {
	Commands      Gateway
	PlainWebhooks bool  // webhooks may be http, as only this machine or trusted networks are reached
	Generation    int32 // of the topics, for position tokens
	Partitions    int32 // of the log
	Positions     Waiter
	Pool          *pgxpool.Pool // of the api role
	Keys          *identity.APIKeys
	Slugs         *identity.Slugs
	Directory     *identity.Directory // of organisations, for operators; nil = they find none here
	Vault         *pii.Vault
	SignIn        *SignIn              // nil = only keys sign in here
	Audit         *audit.Keyring       // signs exports of histories; nil = there are none here
	Columns       driver.Conn          // ClickHouse; nil = figures, reasons and the stream of events are not to be had here
	Imports       Importer             // nil = imports can't be begun here
	PeopleData    peopledata.Provider  // nil = the installation has none
	Models        *models.Client       // of languages; nil = the installation has none, and organisations ask nobody through it
	Signer        *linktoken.Signer    // of the links in messages; nil = none is valid
	Dashboard     fs.FS                // as it was built; nil = none
	MailOAuth     *mailoauth.Providers // where mailboxes are signed in without a password; nil = nowhere
	// SignInsReturnLocally sends browsers that are at an address of this machine back there by services of others, and not to BaseURL: where these are all simulated.
	SignInsReturnLocally bool
	Integrations         *integrations.Connector  // nil = no service of others can be connected here
	ProviderMail         ProviderMail             // that providers hand over; nil = none is taken here
	AsSent               MessagesAsSent           // shows messages as they leave; nil = they can't be shown here
	BaseURL              string                   // under which those links lead here: https://host, no slash at the end
	LiveStates           *asof.LiveStates         // to begin the newest state of an organisation with; nil = with its history
	ReportFiles          ReportFiles              // where files of reports lie; nil = nowhere
	Objects              Objects                  // where long bodies lie; nil = nowhere
	RemoteImages         *remoteimage.Fetcher     // of mails that are looked at; nil = none are shown
	ExportFiles          ExportFiles              // nil = nowhere
	Log                  kafka.Log                // for the stream of events; without seeds there is none
	LogReader            *reader.Shared           // of the process, for that stream; nil = it reads alone
	Plans                map[string]events.Limits // by name
	Selling              *Selling                 // nil = nothing is sold here: an operator sets plans
	Checks               []HealthCheck            // of /readyz, besides none
	Standing             *standing.Parts          // what operators are told of the installation; nil = nothing
	Start                Start                    // of the process, for /readyz; nil = it isn't told
	Collectors           []prometheus.Collector   // of others, shown with ours
	Connections          connlimit.Options        // that may be open; the logger is ours
	Proxies              []netip.Prefix           // in front of this server: they are believed about who asks; none = whoever is at the other end asks
	CountryHeader        string                   // set by them: where who asks is; "" = nobody tells
	Processes            func() int               // how many have the role api now, which share the limits of requests; at least 1; nil = only this one
	Shared               SharedLimits             // count for all processes; nil = each counts by itself, up to its share
	Calls                CallCounter              // of requests that count for the bill; nil = nobody counts
	Logger               *slog.Logger             // nil = no log lines
	Now                  func() time.Time         // nil = time.Now; may be simulated
	Patience             Patience                 // with what a request waits for
	Clock                Clock                    // of simulated time; nil = time is real
	// Trace is told of every request and makes the trace parent of its commands; batch is that of a command that it shared with
	// others, "" = none. TraceBatch is told of every such command and the requests of it. Both may be nil.
	Trace      func(parent, method, route string, correlation uuid.UUID) (own string, end func(status int, batch string))
	TraceBatch func(commandType string, correlation uuid.UUID, requests []string) (own string, end func(error))
	Begin      func() (done func()) // told of every request, so that simulated time waits for it; nil = nobody is
}

// Patience bounds in real time how long a request takes that isn't an upload.
type Patience struct {
	Request time.Duration // all of the work on it; 0 = 15 s
	Shown   time.Duration // the wait for a read model to show what it reads, or what it has written; 0 = 2 s
}

// Clock is simulated time as those who look on may change it.
type Clock interface {
	// Pace is how time goes: at most so many simulated seconds in a real one (0 = as fast as it goes), or not at all; from and to bound what is
	// being played.
	Pace() (speed float64, paused bool, from, to time.Time)
	SetPace(speed float64, paused bool)
	// Report is what was found at the end of what is played, as JSON of gen.ClockFinding; "" = it isn't over.
	Report() string
}

// HealthCheck reports whether something that the server depends on is well.
type HealthCheck struct {
	Name string
	Well func(context.Context) error
}

// withDefaults returns the configuration with its defaults, or an error that says all that is missing.
func (c Config) withDefaults() (Config, error) {
	var missing []string
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"Commands", c.Commands != nil}, {"Partitions", c.Partitions > 0}, {"Positions", c.Positions != nil}, {"Pool", c.Pool != nil}, {"Keys", c.Keys != nil},
		{"Slugs", c.Slugs != nil}, {"Vault", c.Vault != nil}, {"Plans", len(c.Plans) > 0},
		{"BaseURL (the signer's links lead there)", c.Signer == nil || c.BaseURL != ""},
	} {
		if !field.given {
			missing = append(missing, field.name)
		}
	}
	for _, check := range c.Checks {
		if check.Name == "" || check.Well == nil {
			missing = append(missing, "name or function of a check")
		}
	}
	if len(missing) > 0 {
		return c, fmt.Errorf("configure the API: missing are %s", strings.Join(missing, ", "))
	}
	if strings.HasSuffix(c.BaseURL, "/") {
		return c, fmt.Errorf("configure the API: BaseURL %s ends with a slash", c.BaseURL)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Patience.Request == 0 {
		c.Patience.Request = 15 * time.Second
	}
	if c.Patience.Shown == 0 {
		c.Patience.Shown = 2 * time.Second
	}
	if c.Processes == nil {
		c.Processes = func() int { return 1 }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
