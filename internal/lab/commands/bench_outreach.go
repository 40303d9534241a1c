package commands

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/internal/app/client"
	"outrider/internal/lab/demo"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/zone"
)

// benchMail is a mail server that takes everything and keeps only its journal, and the names of the senders' domains.
type benchMail struct {
	mail  *mailserver.ServerProcess
	names *zone.Nameserver
	token string // of its administration
	dir   string
	gone  func()
}

func openBenchPost(ctx context.Context) (p *benchMail, err error) {
	p = &benchMail{token: rand.Text(), gone: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.closeAll())
		}
	}()
	if p.dir, p.gone, err = scratchFolder(""); err != nil {
		return p, err
	}
	if p.names, err = zone.Listen("127.0.0.1:0", zone.Zone{}); err != nil {
		return p, err
	}
	p.mail, err = mailserver.Start(ctx, mailserver.Orders{Dir: filepath.Join(p.dir, "mail"), AdminToken: p.token, Sink: true}, mailserver.Ports{}, os.Stderr)
	return p, err
}

// serverFlags are the arguments of a server that sends there.
func (p *benchMail) serverFlags() []string {
	return []string{"--public-url", demo.PublicURL, "--mail-loopback", "--mail-ca", p.mail.CA(), "--resolver", p.names.Addr()}
}

func (p *benchMail) closeAll() (err error) {
	defer p.gone()
	if p.mail != nil {
		err = p.mail.Stop()
	}
	if p.names != nil {
		err = errors.Join(err, p.names.Close())
	}
	return err
}

// benchSenders says how many organisations write to how many people, from how many mailboxes each.
type benchSenders struct {
	organizations, mailboxes, people int
	approval                         string
}

// benchPlot is one short letter at once, at any time of any day, with a link, a pixel and a footer, to any number of people of a company.
func benchPlot(approval string) demo.CampaignSpec {
	return demo.CampaignSpec{
		Body: client.CampaignCreate{Name: "Bench", CampaignType: new(client.CampaignTypeColdOutreach), TimeZone: new(demo.Zone), Approval: new(client.Approval(approval)), Steps: new(demo.Steps([]int{0}))},
		Settings: client.CampaignSettingsInput{Window: &client.Window{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}, TimeZone: new(demo.Zone), MaxFollowUps: new(0),
			FollowUpDays: new(0), StopOnCompany: new(false), CompanyCap: new(0), CompanyGapMinutes: new(0), UnsubscribeFooter: new(true), TrackOpens: new(true), TrackClicks: new(true), KeepOpen: new(true)},
	}
}

// admitSenders gives senders their mailboxes and their domains' records; their passwords follow from the secret.
func (p *benchMail) admitSenders(ctx context.Context, n int) (senders []demo.SendingMailbox, secret string, err error) {
	senders, secret = demo.Senders(n), rand.Text()
	passwords := map[string]string{}
	for _, m := range senders {
		passwords[m.Address] = demo.Password(secret, m.Address)
	}
	p.names.Replace(demo.Records(senders))
	return senders, secret, mailserver.AddAccounts(ctx, p.mail.Admin, p.token, passwords)
}

// setUpSenders sets organisations up over the API, as customers would, up to the launch.
func (p *benchMail) setUpSenders(ctx context.Context, s *benchServer, n benchSenders) ([]*demo.Setup, error) {
	senders, secret, err := p.admitSenders(ctx, n.organizations*n.mailboxes)
	if err != nil {
		return nil, err
	}
	passes := func(ctx context.Context, d time.Duration) error { return nil } // time goes by itself
	platform := demo.NewAPI(s.URL, s.PlatformKey)
	all := make([]*demo.Setup, n.organizations)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i := range all {
		scene := demo.Scene{Plan: "enterprise", Secret: secret, Run: strings.ToLower(rand.Text()), Senders: senders[i*n.mailboxes : (i+1)*n.mailboxes],
			File: filepath.Join(p.dir, fmt.Sprintf("leads-%d.csv", i)), Promise: demo.Promise{Pace: demo.Pace{PerDay: 1_000_000}}}
		count := (n.people*(i+1))/n.organizations - n.people*i/n.organizations
		all[i] = &demo.Setup{Scene: scene, API: platform, Mail: p.mail, Campaign: benchPlot(n.approval), LetTimePass: passes, Note: func(string, ...any) {}}
		g.Go(func() error {
			if err := writeBenchLeads(scene.File, i, count); err != nil {
				return err
			}
			return all[i].Prepare(gctx)
		})
	}
	return all, g.Wait()
}

// writeBenchLeads writes leads, each of them in one organisation only.
func writeBenchLeads(path string, organization, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write leads: %w", err)
	}
	b := bufio.NewWriter(f)
	fmt.Fprint(b, "Email,First Name,Company,Job Title\n")
	for i := range n {
		fmt.Fprintf(b, "person.%d.%d@company-%d.example.com,Anna,\"Company %d, Inc.\",Head of Sales\n", organization, i, i%500, i%500)
	}
	return errors.Join(b.Flush(), f.Close())
}

// launchAll lets all campaigns begin at nearly the same time.
func launchAll(ctx context.Context, all []*demo.Setup) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, s := range all {
		g.Go(func() error { return s.Launch(ctx) })
	}
	return g.Wait()
}

func organizationsOf(all []*demo.Setup) (ids []uuid.UUID) {
	for _, s := range all {
		ids = append(ids, s.Made.ID)
	}
	return ids
}
