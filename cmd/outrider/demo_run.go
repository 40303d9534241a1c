package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"outrider/internal/demo"
	"outrider/internal/mailserver/loopback"
)

// demoAsk is what was asked for; zero values leave the choice.
type demoAsk struct {
	leads     string
	mailboxes int
	perDay    int
	plan      string
}

// demonstration is one play from its beginning to its report.
type demonstration struct {
	data      string
	began     time.Time // real
	seed      uint64
	start     time.Time
	days      int
	poll      time.Duration
	speed     float64
	killEvery time.Duration
	ai        bool     // the server may use a language model
	more      []string // further arguments of the server
	ask       demoAsk
	log       io.Writer
	screen    *screen

	scene  demoScene
	world  *demo.World
	time   *demoTime
	server *demoServer
	plan   demoPlan
	shown  demoOrganization
}

// sampleLeads is how many people are made up where no file is named.
const sampleLeads = 1000

func (d *demonstration) run(ctx context.Context) (r demo.Report, err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer d.screen.close()
	if err := d.read(); err != nil {
		return r, err
	}
	at, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return r, err
	}
	defer at.Close()
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.open(ctx, at, demo.Options{Start: d.start, Until: d.end()}); err != nil {
		return r, err
	}
	go d.watch(ctx, end)
	if err := d.setup(ctx); err != nil {
		return r, because(ctx, err)
	}
	if err := d.play(ctx, end); err != nil {
		return r, because(ctx, err)
	}
	d.screen.note("collect what happened")
	r, err = d.collect(ctx)
	return r, because(ctx, err)
}

// because prefers the reason why everything was ended over what failed by it.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && ctx.Err() != nil && !errors.Is(cause, ctx.Err()) {
		return cause
	}
	return err
}

func (d *demonstration) end() time.Time { return d.start.AddDate(0, 0, d.days) }

// read counts the file, and writes the sample first where none is named.
func (d *demonstration) read() error {
	d.scene.file = d.ask.leads
	if d.scene.file == "" {
		d.scene.file = filepath.Join(d.data, "demo", "leads.csv")
		if err := os.MkdirAll(filepath.Dir(d.scene.file), 0o700); err != nil {
			return fmt.Errorf("write sample leads: %w", err)
		}
		f, err := os.Create(d.scene.file)
		if err != nil {
			return fmt.Errorf("write sample leads: %w", err)
		}
		if err := errors.Join(demo.WriteSample(f, sampleLeads, d.seed), f.Close()); err != nil {
			return err
		}
	}
	f, err := os.Open(d.scene.file)
	if err != nil {
		return fmt.Errorf("open leads: %w", err)
	}
	defer f.Close()
	d.scene.people, d.scene.count, err = demo.ReadLeads(f)
	return err
}

// open starts the world and the server in it.
func (d *demonstration) open(ctx context.Context, at *net.TCPListener, o demo.Options) (err error) {
	d.screen.note("start the world and the server")
	o.Dir, o.Seed, o.Speed, o.Server, o.Target, o.Log = filepath.Join(d.data, "demo"), d.seed, d.speed, simulatedServer, at.Addr().String(), d.log
	if d.killEvery > 0 {
		o.Patience = 3 * time.Minute
	}
	if d.world, err = demo.Start(ctx, o); err != nil {
		return err
	}
	d.time = newDemoTime(d.world, d.speed > 0)
	d.server, err = startDemoServer(ctx, at, d.ai, d.log, append([]string{"--data", d.data, "--log-level", "warn", "--clock", d.world.Clock.Addr(), "--public-url", demo.PublicURL,
		"--mail-loopback", "--mail-ca", d.world.Mail.CA(), "--resolver", d.world.Names.Addr(), "--poll", d.poll.String()}, d.more...)...)
	return err
}

// watch ends everything when the server ends by itself.
func (d *demonstration) watch(ctx context.Context, end context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
	case <-d.server.died:
		end(errors.New("the server has ended by itself; its log says why"))
	}
}

func (d *demonstration) stop() (err error) {
	if d.server != nil {
		err = d.server.stop()
	}
	if d.world != nil {
		err = errors.Join(err, d.world.Stop())
	}
	return err
}

// setup chooses what fits and sets it up.
func (d *demonstration) setup(ctx context.Context) error {
	r := d.server.running()
	platform := newDemoAPI(r.URL, r.PlatformKey, d.time.pass)
	if err := d.choose(ctx, platform); err != nil {
		return err
	}
	if err := d.world.Admit(ctx, d.scene.senders, d.scene.secret); err != nil {
		return err
	}
	return d.build(ctx, platform)
}

func (d *demonstration) build(ctx context.Context, platform *demoAPI) (err error) {
	d.screen.note("%d leads, plan %s, %d mailboxes with %d messages a day", len(d.scene.people), d.scene.plan, len(d.scene.senders), d.scene.promise.Pace.PerDay)
	s := &demoSetup{demoScene: d.scene, api: platform, mail: d.world.Mail, plot: demoPlotOf(d.scene.promise), pass: d.time.pass, say: d.screen.note}
	d.shown, err = s.do(ctx)
	return err
}

// demoPlan is a plan as the API lists it.
type demoPlan struct {
	Name   string
	Limits struct {
		Leads     int `json:"leads_per_month"`
		Mailboxes int `json:"mailboxes"`
	}
}

// choose takes the smallest plan that fits, unless one was named, and as many mailboxes as it takes.
func (d *demonstration) choose(ctx context.Context, api *demoAPI) error {
	var plans struct{ Data []demoPlan }
	if _, err := api.do(ctx, ask{method: http.MethodGet, path: "/v1/plans"}, &plans); err != nil {
		return err
	}
	d.scene.promise = d.promise()
	plan, n, err := choosePlan(plans.Data, d.ask, d.scene.people, d.scene.promise)
	if err != nil {
		return err
	}
	d.plan, d.scene.plan, d.scene.senders = plan, plan.Name, demo.Senders(n)
	d.scene.promise.Mailboxes, d.scene.promise.People = n, plan.Limits.Leads
	return nil
}

// promise is what the campaign's settings say; how many mailboxes and people there are is chosen from it.
func (d *demonstration) promise() demo.Promise {
	window := demo.Window{Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, From: 9 * time.Hour, To: 17 * time.Hour}
	return demo.Promise{Start: d.time.now(), End: d.end(), Zone: demoZone, Window: window, Delays: []int{0, 2, 3}, CompanyCap: 5, CompanyGap: 30 * time.Minute,
		Pace: demo.PaceFor(d.ask.perDay, window.To-window.From)}
}

// choosePlan gives a plan and how many mailboxes to connect.
func choosePlan(plans []demoPlan, asked demoAsk, people []demo.Lead, p demo.Promise) (best demoPlan, mailboxes int, err error) {
	fits := func(limit, n int) bool { return limit < 0 || n <= limit }
	p.People = -1
	need := asked.mailboxes
	if need == 0 && asked.plan == "" {
		need = p.MailboxesFor(people, -1)
	}
	found := false
	for _, plan := range plans {
		l := plan.Limits
		switch {
		case asked.plan != "" && plan.Name != asked.plan:
			continue
		case asked.plan == "" && !(fits(l.Leads, len(people)) && fits(l.Mailboxes, need)):
			continue
		case found && !smaller(l.Leads, best.Limits.Leads):
			continue
		}
		best, found = plan, true
	}
	if !found && asked.plan != "" {
		return best, 0, fmt.Errorf("there is no plan %s", asked.plan)
	}
	if !found {
		return best, 0, fmt.Errorf("no plan allows %d leads and %d mailboxes", len(people), need)
	}
	if need == 0 {
		p.People = best.Limits.Leads
		need = p.MailboxesFor(people, best.Limits.Mailboxes)
	}
	if !fits(best.Limits.Mailboxes, need) {
		return best, 0, errors.New("plan " + best.Name + " allows only " + strconv.Itoa(best.Limits.Mailboxes) + " mailboxes")
	}
	return best, need, nil
}

// smaller compares limits, of which a negative one is none.
func smaller(a, b int) bool { return a >= 0 && (b < 0 || a < b) }
