package hostile

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"outrider/internal/linktoken"
)

// pick is the number of a long run, or of a short one.
func pick(short bool, long, less int) int {
	if short {
		return less
	}
	return long
}

// floodAttack is an attacker in a process of its own.
func floodAttack(name string, ordersOf func(a *arena) orders) attack {
	return attack{name: name, run: func(ctx context.Context, a *arena, seen *tally) error { return a.attackFrom(ctx, ordersOf(a), seen) }}
}

// strangerAttacks are those of who has no key, or only links.
func strangerAttacks(short bool) []attack {
	raw := func(name string, f connFlood) attack {
		return floodAttack(name, func(*arena) orders { return orders{Conns: []connFlood{f}} })
	}
	const head = "POST /v1/imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
	return []attack{
		raw("connections without a request", connFlood{Conns: pick(short, 3000, 300), Reads: true}),
		raw("requests that never end", connFlood{Conns: pick(short, 500, 100), Send: "GET /v1/leads HTTP/1.1\r\nHost: localhost\r\n", Drip: "X-More: 1\r\n", Every: time.Second}),
		raw("uploads without a key", connFlood{Conns: pick(short, 64, 16), Send: head + "Content-Length: 1000000000\r\n\r\n--x\r\nContent-Disposition: form-data; name=file; filename=a.csv\r\n\r\n", Drip: strings.Repeat("a@example.com\n", 1000), Bulk: 16}),
		raw("slow uploads without a key", connFlood{Conns: pick(short, 500, 100), Send: head + "Content-Length: 1000000000\r\n\r\n", Drip: "x", Every: time.Second}),
		raw("answers that nobody reads", connFlood{Conns: pick(short, 300, 64), Send: strings.Repeat("GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n", 50), Every: 5 * time.Second}),
		floodAttack("keys that are none", func(*arena) orders {
			key := "ork_" + strings.Repeat("a", 26) + "_" + strings.Repeat("b", 26)
			return orders{Requests: []requestFlood{
				{Callers: pick(short, 48, 16), Method: http.MethodGet, Path: "/v1/leads", Header: map[string]string{"Authorization": "Bearer " + key}},
				{Callers: 16, Method: http.MethodGet, Path: "/v1/leads", Header: map[string]string{"Authorization": "Bearer {n}"}},
			}}
		}),
		linkAttack(short),
	}
}

// mostByLinks is how many events links may leave that are asked for again and again: what is new, and hits of an hour.
const mostByLinks = 200

// linkAttack repeats the links of one message.
func linkAttack(short bool) attack {
	var before int
	var from time.Time
	flood := func(ctx context.Context, a *arena, seen *tally) (err error) {
		if before, err = countEvents(ctx, a.world.Log(), a.tenant.ID); err != nil {
			return err
		}
		from = time.Now()
		token := linktoken.Token{Org: a.tenant.ID, Message: a.message}
		form := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
		of := func(kind linktoken.TokenKind) string { return a.world.Signer().Sign(kind, token) }
		callers := pick(short, 16, 4)
		return a.attackFrom(ctx, orders{Requests: []requestFlood{
			{Callers: callers, Method: http.MethodPost, Path: "/u/" + of(linktoken.Unsubscribe), Header: form, Body: "List-Unsubscribe=One-Click"},
			{Callers: callers, Method: http.MethodGet, Path: "/t/o/" + of(linktoken.Open), Header: form},
			{Callers: callers, Method: http.MethodGet, Path: "/b/" + of(linktoken.Booking), Header: form},
			{Callers: callers, Method: http.MethodPost, Path: "/b/" + of(linktoken.Booking), Header: form, Body: "slot=2030-01-07T09:00:00Z&name={n}"},
		}}, seen)
	}
	return attack{name: "one message's links again and again", run: flood, check: func(ctx context.Context, a *arena, seen map[string]int) (wrong []string) {
		after, err := countEvents(ctx, a.world.Log(), a.tenant.ID)
		if err != nil {
			return []string{err.Error()}
		}
		if n := after - before; n > mostByLinks {
			wrong = append(wrong, fmt.Sprintf("links of one message left %d events in %.0f s, which nobody but %d may", n, time.Since(from).Seconds(), mostByLinks))
		}
		return wrong
	}}
}
