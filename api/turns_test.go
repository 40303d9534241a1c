package api_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestWhoReadsSlowlyLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	greedy, calm := w.tenant("enterprise"), w.tenant("growth")
	calm.ok("GET", "/v1/mailboxes", nil)
	greedy.ok("GET", "/v1/leads", nil)
	owner, err := pgx.Connect(t.Context(), w.db.OwnerURL)
	check(t, err)
	defer owner.Close(t.Context())
	_, err = owner.Exec(t.Context(), `begin; lock table read.leads in access exclusive mode`)
	check(t, err)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url()+"/v1/leads", nil)
			req.Header.Set("Authorization", "Bearer "+greedy.key)
			if resp, err := http.DefaultClient.Do(req); err == nil {
				resp.Body.Close()
			}
		})
	}
	most := int(w.cfg.Pool.Config().MaxConns)
	for late := time.Now().Add(5 * time.Minute); ; time.Sleep(10 * time.Millisecond) { // until as many wait for the lock as will
		var waiting int
		check(t, owner.QueryRow(t.Context(), `select count(*) from pg_locks where relation = 'read.leads'::regclass and not granted`).Scan(&waiting))
		if waiting > most/2 {
			t.Fatalf("%d of %d connections are one organisation's", waiting, most)
		}
		if waiting == most/2 {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("only %d wait", waiting)
		}
	}
	calm.ok("GET", "/v1/mailboxes", nil)
	_, err = owner.Exec(t.Context(), `rollback`)
	check(t, err)
	all.Wait()
}
