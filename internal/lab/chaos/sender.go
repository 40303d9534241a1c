package chaos

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/internal/identity"
	"outrider/internal/lab/demo"
	"outrider/internal/lab/mailserver"
	"outrider/internal/retry"
)

const zoneName = "Europe/Berlin"

func clientScopes() []identity.Scope { return identity.OrganizationScopes() }

// campaignBody is a campaign of one short letter.
func campaignBody() map[string]any {
	return map[string]any{"name": "Chaos", "campaign_type": "cold_outreach", "time_zone": zoneName, "approval": "none", "steps": []map[string]any{{"kind": "email", "delay_days": 0,
		"variants": []map[string]any{{"name": "A", "subject": "A word with {{ company_name | default: \"you\" }}", "body": "Hi {{ first_name | default: \"there\" }},\n\nsee https://example.com/more\n\n{{ sender_name }}"}}}}}
}

// campaignSettings let it send at any time.
func campaignSettings() map[string]any {
	return map[string]any{"window": map[string]any{"days": []int{1, 2, 3, 4, 5, 6, 7}, "from": "00:00", "to": "24:00"}, "time_zone": zoneName, "max_follow_ups": 0, "follow_up_days": 0,
		"stop_on_company": false, "company_cap": 0, "company_gap_minutes": 0, "unsubscribe_footer": true, "track_opens": true, "track_clicks": true, "keep_open": true}
}

// mailboxBody connects an address of the mail server, without gaps between messages.
func (l *load) mailboxBody(address, password string) (map[string]any, error) {
	reach := func(at string) (map[string]any, error) {
		host, port, err := net.SplitHostPort(at)
		if err != nil {
			return nil, fmt.Errorf("address %s: %w", at, err)
		}
		n, err := strconv.Atoi(port)
		return map[string]any{"host": host, "port": n, "security": "tls", "username": address, "password": password}, err
	}
	smtp, err := reach(l.s.mail.Submissions)
	if err != nil {
		return nil, err
	}
	imap, err := reach(l.s.mail.IMAPS)
	return map[string]any{"address": address, "display_name": "Chaos", "transport": "smtp", "smtp": smtp, "imap": imap, "pace": anyPace()}, err
}

// anyPace lets a mailbox send whenever there is something to send.
func anyPace() map[string]any {
	return map[string]any{"cap_per_day": 100000, "cap_per_hour": 0, "gap_seconds": 0, "jitter_from": 0, "jitter_to": 0, "warmup_start": 0, "warmup_per_day": 0, "time_zone": zoneName}
}

// boxesEach is how many mailboxes a sender has.
const boxesEach = 2

// connectMailbox gives a tenant one more.
func (c *client) connectMailbox(ctx context.Context, t *tenant, body map[string]any) (err error) {
	var made struct{ ID uuid.UUID }
	if t.position, err = c.mustAsk(ctx, t.writeAsTenant("connect mailbox", http.MethodPost, "/v1/mailboxes", body), &made); err == nil {
		t.boxes = append(t.boxes, made.ID)
	}
	return err
}

// connectSender is a tenant whose campaign runs. before is done before anybody is in it; nil = nothing is.
func (c *client) connectSender(ctx context.Context, before func(context.Context, *tenant) error) (*tenant, error) {
	from := len(c.l.senders) * boxesEach
	all := demo.Senders(from + boxesEach)
	c.l.s.names.Replace(demo.Records(append(slices.Clone(all), demo.SendingMailbox{Address: "any@" + gridDomain}))) // before anything is connected, and looked up
	t, err := c.createTenant(ctx, "enterprise")
	if err == nil && before != nil {
		err = before(ctx, t)
	}
	if err != nil {
		return nil, err
	}
	for _, m := range all[from:] {
		if err := mailserver.AddAccounts(ctx, c.l.s.mail.Admin, c.l.s.token, map[string]string{m.Address: "secret of " + m.Address}); err != nil {
			return nil, err
		}
		body, err := c.l.mailboxBody(m.Address, "secret of "+m.Address)
		if err != nil {
			return nil, err
		}
		if err := c.connectMailbox(ctx, t, body); err != nil {
			return nil, err
		}
	}
	if err := c.awaitVerified(ctx, t); err != nil {
		return nil, err
	}
	path := "/v1/campaigns/" + t.campaign.String()
	for _, r := range []request{
		t.writeAsTenant("set campaign", http.MethodPut, path+"/settings", campaignSettings()),
		t.writeAsTenant("assign mailboxes", http.MethodPut, path+"/mailboxes", map[string]any{"mailbox_ids": t.boxes}),
	} {
		if t.position, err = c.mustAsk(ctx, r, nil); err != nil {
			return nil, err
		}
	}
	for range 5 {
		if err := c.writeCampaign(ctx, t); err != nil {
			return nil, err
		}
	}
	launch := t.writeAsTenant("launch campaign", http.MethodPost, path+"/launch", map[string]any{})
	launch.position = t.position
	_, err = c.mustAsk(ctx, launch, nil)
	return t, err
}

// awaitVerified waits until a sender's mailboxes may send.
func (c *client) awaitVerified(ctx context.Context, t *tenant) error {
	for {
		var page struct {
			Data []struct {
				Address, Status string
				Checks          map[string]struct{ Outcome, Detail string }
			}
		}
		if _, err := c.mustAsk(ctx, request{what: "list mailboxes", method: http.MethodGet, path: "/v1/mailboxes?limit=100", key: t.key, org: t.id, position: t.position}, &page); err != nil {
			return err
		}
		waiting := 0
		for _, m := range page.Data {
			for name, check := range m.Checks {
				if check.Outcome == "failed" {
					return fmt.Errorf("mailbox %s: %s failed: %s", m.Address, name, check.Detail)
				}
			}
			if m.Status != "active" && m.Status != "warming" {
				waiting++
			}
		}
		if waiting == 0 && len(page.Data) >= boxesEach {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%d mailboxes are not verified: %w", waiting, ctx.Err())
		}
		_ = retry.Sleep(ctx, 100*time.Millisecond)
	}
}
