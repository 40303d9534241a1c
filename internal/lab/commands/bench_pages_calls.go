package commands

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/lab/demo"
)

// askedCall is a call behind a page; i counts how often it was made, so that what is searched for isn't always the same.
type askedCall struct {
	page, name string
	path       func(i int) string
}

// shownOnPages is what pages are about.
type shownOnPages struct {
	org, campaign                       uuid.UUID
	leads, enrollments, messages, boxes []uuid.UUID
	imports, threads                    []uuid.UUID
}

// shownOfEach is how many different ones of each are asked about.
const shownOfEach = 50

func whatPagesShow(ctx context.Context, db *pgx.Conn, of demo.Organization) (p shownOnPages, err error) {
	p.org, p.campaign = of.ID, of.Campaign
	for _, x := range []struct {
		query string
		to    *[]uuid.UUID
	}{
		{`select lead_id from read.messages where org_id = $1 and state = 'sent' order by oseq limit $2`, &p.leads},
		{`select enrollment_id from read.enrollments where org_id = $1 and state = 'active' order by enrollment_id limit $2`, &p.enrollments},
		{`select message_id from read.messages where org_id = $1 order by oseq desc limit $2`, &p.messages},
		{`select mailbox_id from read.mailboxes where org_id = $1 limit $2`, &p.boxes},
		{`select import_id from read.imports where org_id = $1 limit $2`, &p.imports},
		{`select thread_id from read.inbox_threads where org_id = $1 order by thread_id limit $2`, &p.threads},
	} {
		rows, err := db.Query(ctx, x.query, of.ID, shownOfEach)
		if err == nil {
			*x.to, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		}
		if err != nil {
			return p, fmt.Errorf("look for what pages show: %w", err)
		}
		if len(*x.to) == 0 {
			return p, fmt.Errorf("there is nothing to show: %s", x.query)
		}
	}
	return p, nil
}

// pageCalls are the calls of the dashboard's pages (web/app/places/*/queries.ts), a line each.
func pageCalls(p shownOnPages) (out []askedCall) {
	page := ""
	get := func(path string) {
		out = append(out, askedCall{page, "GET " + path, func(int) string { return path }})
	}
	each := func(path string, ids []uuid.UUID) {
		out = append(out, askedCall{page, "GET " + path, func(i int) string { return strings.ReplaceAll(path, "{id}", ids[i%len(ids)].String()) }})
	}
	vary := func(name string, path func(i int) string) { out = append(out, askedCall{page, "GET " + name, path}) }

	page = "shell"
	get("/v1/me")
	get("/v1/organizations/" + p.org.String())
	get("/v1/clock")
	vary("/v1/leads?q={person}&limit=5", func(i int) string { return fmt.Sprintf("/v1/leads?q=person.%d&limit=5", 1000+i*37) })

	page = "today"
	get("/v1/today")
	get("/v1/send-plan")
	get("/v1/usage")
	get("/v1/mailboxes?limit=100")
	get("/v1/audit/events?limit=200")
	get("/v1/leads?limit=1")
	get("/v1/campaigns?limit=20")

	page = "inbox"
	get("/v1/inbox?limit=50&include=total")
	get("/v1/inbox?status=needs_answer&limit=50&include=total")
	vary("/v1/inbox?q={word}&limit=50&include=total", func(i int) string { return fmt.Sprintf("/v1/inbox?q=slot+%d&limit=50&include=total", i) })
	get("/v1/inbox/counts")
	each("/v1/inbox/{id}?limit=200", p.threads)
	get("/v1/messages?state=drafted&limit=100&include=total&sort=created_at")
	get("/v1/messages?state=in_doubt&limit=100&include=total&sort=created_at")

	page = "leads"
	get("/v1/leads?limit=200&include=total")
	for _, sort := range []string{"created_at", "-updated_at", "email", "last_name", "company_name", "outreach_status"} {
		get("/v1/leads?limit=200&include=total&sort=" + sort)
	}
	for _, filter := range []string{"outreach_status=contacted", "outreach_status=replied", "source=csv_upload", "suppressed=false", "suppressed=true", "tag=spring", "country=germany", "company=company+77", "campaign_id=" + p.campaign.String(), "import_id=" + p.imports[0].String()} {
		get("/v1/leads?limit=200&include=total&" + filter)
	}
	vary("/v1/leads?limit=200&include=total&q={person}", func(i int) string { return fmt.Sprintf("/v1/leads?limit=200&include=total&q=person.%d@", 5000+i*41) })
	vary("/v1/leads?limit=200&include=total&q={company}", func(i int) string { return fmt.Sprintf("/v1/leads?limit=200&include=total&q=company+%d", 100+i) })
	vary("/v1/leads?limit=200&include=total&q={first name}", func(i int) string {
		return "/v1/leads?limit=200&include=total&q=" + []string{"anna", "mia", "liam", "wei"}[i%4]
	})
	vary("/v1/leads?limit=200&include=total&q={company}&sort=last_name", func(i int) string {
		return fmt.Sprintf("/v1/leads?limit=200&include=total&sort=last_name&q=company+%d", 300+i)
	})
	get("/v1/leads?limit=200&include=total&outreach_status=contacted&sort=company_name")
	get("/v1/leads?limit=200&include=total&tag=spring&suppressed=false&sort=-updated_at")

	page = "lead"
	each("/v1/leads/{id}", p.leads)
	each("/v1/leads/{id}/enrollments?limit=200&sort=-created_at", p.leads)
	each("/v1/messages?lead_id={id}&limit=200", p.leads)
	each("/v1/leads/{id}/timeline?limit=200", p.leads)
	each("/v1/inbox?lead_id={id}&limit=20", p.leads)
	each("/v1/enrollments/{id}/why", p.enrollments)

	page = "campaigns"
	get("/v1/campaigns?limit=100&include=total")
	one := "/v1/campaigns/" + p.campaign.String()
	page = "campaign"
	get(one)
	get(one + "/analytics?mailboxes=true")
	now := time.Now().UTC()
	get("/v1/analytics/funnel?campaign_id=" + p.campaign.String() + "&from=" + now.AddDate(0, 0, -30).Format(time.DateOnly) + "&to=" + now.Format(time.DateOnly))
	get(one + "/enrollments?limit=100&include=total,why")
	get(one + "/enrollments?limit=100&include=total,why&state=active")
	get(one + "/enrollments?limit=100&include=total,why&sort=state")
	vary(strings.Replace(one, p.campaign.String(), "{id}", 1)+"/enrollments?limit=100&include=total,why&q={person}", func(i int) string {
		return fmt.Sprintf(one+"/enrollments?limit=100&include=total,why&q=person.%d", 700+i)
	})
	get(one + "/enrollments?limit=1&include=total&state=active")
	get(one + "/reasons")
	get(one + "/variables")
	get(one + "/readiness")
	get("/v1/messages?campaign_id=" + p.campaign.String() + "&limit=100&include=total&sort=-updated_at")
	get("/v1/messages?campaign_id=" + p.campaign.String() + "&state=sent&limit=100&include=total&sort=-updated_at")
	vary("/v1/messages?campaign_id={id}&q={person}&limit=100&include=total&sort=-updated_at", func(i int) string {
		return fmt.Sprintf("/v1/messages?campaign_id=%s&q=person.%d&limit=100&include=total&sort=-updated_at", p.campaign, 900+i)
	})
	get("/v1/messages?campaign_id=" + p.campaign.String() + "&state=drafted&limit=1&include=total")
	each("/v1/messages/{id}", p.messages)
	each("/v1/messages/{id}/why", p.messages)
	get("/v1/audit/events?subject=" + p.campaign.String() + "&limit=100")

	page = "mailboxes"
	get("/v1/mailboxes?limit=200&sort=address")
	each("/v1/mailboxes/{id}", p.boxes)
	each("/v1/send-plan?mailbox_id={id}", p.boxes)

	page = "imports"
	get("/v1/imports?limit=50")
	each("/v1/imports/{id}", p.imports)
	each("/v1/imports/{id}/rows?limit=100", p.imports)
	each("/v1/imports/{id}/undo", p.imports)

	page = "meetings"
	get("/v1/meetings?limit=200")
	get("/v1/booking-hours")

	page = "history"
	get("/v1/audit/events?limit=200&order=newest")
	get("/v1/audit/events?type=lead&limit=200")
	vary("/v1/audit/events?q={text}&limit=200", func(i int) string { return fmt.Sprintf("/v1/audit/events?q=launched%d&limit=200", i) })
	get("/v1/audit/histogram?buckets=60")
	get("/v1/audit/histogram?buckets=60&type=message.sent&from=2020-01-01T00:00:00Z")

	page = "settings"
	get("/v1/members?limit=200")
	get("/v1/invitations?limit=200")
	get("/v1/roles")
	get("/v1/api-keys")
	get("/v1/plans")
	get("/v1/exports?limit=50")
	get("/v1/suppressions?limit=200&include=total")
	return out
}
