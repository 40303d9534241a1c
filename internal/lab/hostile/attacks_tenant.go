package hostile

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"outrider/internal/retry"
)

// tenantAttacks are those of a paying organisation with a key for all of it, and a plan without limits.
func tenantAttacks(short bool) []attack {
	withKey := func(a *arena) map[string]string { return map[string]string{"Authorization": "Bearer " + a.tenant.Key} }
	flood := func(name string, of func(a *arena, key map[string]string) []requestFlood) attack {
		return floodAttack(name, func(a *arena) orders { return orders{Requests: of(a, withKey(a))} })
	}
	endless := modesOf("an inbox without end")
	tarpit := modesOf("a byte at a time", "nothing")
	for range 2 {
		endless, tarpit = append(endless, endless...), append(tarpit, tarpit...)
	}
	return []attack{
		floodAttack("streams that nobody reads", func(a *arena) orders {
			send := "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + a.tenant.Key + "\r\n\r\n"
			return orders{Conns: []connFlood{{Conns: pick(short, 300, 64), Send: send, Every: 20 * time.Second}}}
		}),
		flood("many callers", func(_ *arena, key map[string]string) []requestFlood {
			return []requestFlood{{Callers: pick(short, 1024, 128), Method: http.MethodPost, Path: "/v1/leads", Header: key, Body: `{"email":"greedy-{n}@example.com","first_name":"Gustav"}`}}
		}),
		importFlood(flood("four big imports", func(_ *arena, key map[string]string) []requestFlood {
			return []requestFlood{{Callers: 4, Method: http.MethodPost, Path: "/v1/imports", Header: key, Rows: pick(short, 50_000, 2_000), Pause: time.Hour}}
		})),
		flood("expensive reads", expensiveReads),
		mailAttack("inboxes without end", endless...),
		mailAttack("mail servers as slow as they can be", tarpit...),
	}
}

// importFlood waits for its end.
func importFlood(x attack) attack {
	x.settle = importsEnd
	return x
}

// expensiveReads are those that cost the most of what a key for everything may ask.
func expensiveReads(a *arena, key map[string]string) []requestFlood {
	campaign := "/v1/campaigns/" + a.tenant.Campaign.String()
	// As many filters as fit: each makes a longer text of the one before.
	body, _ := json.Marshal(map[string]string{"subject": "x", "body": "{{ first_name" + strings.Repeat(` | append: "aaaaaaaaaaaaaaaaaaaaaaaa" | replace: "a", "aa"`, 40) + " }}"}) // plain texts
	many, _ := json.Marshal(map[string]string{"subject": "x", "body": "{{ first_name" + strings.Repeat(` | upcase | downcase`, 900) + " }}"})
	read := func(callers int, path string) requestFlood {
		return requestFlood{Callers: callers, Method: http.MethodGet, Path: path, Header: key}
	}
	return []requestFlood{
		{Callers: 4, Method: http.MethodPost, Path: campaign + "/preview", Header: key, Body: string(body)},
		{Callers: 4, Method: http.MethodPost, Path: campaign + "/preview", Header: key, Body: string(many)},
		read(8, campaign+"/analytics"),
		read(4, "/v1/leads?limit=100&include=total&q=greedy"),
		read(4, "/v1/audit/events?limit=100"),
		read(2, "/v1/audit/export"),
		read(2, "/v1/leads?limit=100&sort=-created_at"),
	}
}

// importsEnd waits until none of the greedy tenant's files is read any more: what comes next is looked at by itself.
func importsEnd(ctx context.Context, a *arena) error {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	for {
		var page struct{ Data []struct{ Status string } }
		if _, err := a.caller.Ask(ctx, "list imports", http.MethodGet, "/v1/imports?limit=100", nil, &page); err != nil {
			return err
		}
		if !slices.ContainsFunc(page.Data, func(i struct{ Status string }) bool { return i.Status == "running" }) {
			return nil
		}
		if err := retry.Sleep(ctx, 200*time.Millisecond); err != nil {
			return fmt.Errorf("the greedy tenant's imports don't end: %w", err)
		}
	}
}
