package analytics_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es/project/chtest"
	"outrider/projections/analytics"
)

var granules = regexp.MustCompile(`Granules: (\d+)/\d+`)

// BenchmarkHistoryAtSize asks what the history's pages ask, of one organisation with more and more events (8,192 of them are a granule).
func BenchmarkHistoryAtSize(b *testing.B) {
	for _, n := range []int64{250_000, 1_000_000, 4_000_000} {
		engine, org := chtest.Share(b), uuid.New()
		if err := analytics.Migrate(b.Context(), engine.Conn); err != nil {
			b.Fatal(err)
		}
		// Eight events in a row are of one lead; every 100,000th is of a rare type, by a person.
		if err := engine.Conn.Exec(b.Context(), fmt.Sprintf(`INSERT INTO events SELECT '%s', number + 1, UUIDNumToString(sipHash128(number, 'id'))::UUID,
			if(number %% 100000 = 7, 'billing.plan_changed.v1', ['message.requested.v1', 'message.scheduled.v1', 'message.claimed.v1', 'message.sent.v1'][1 + number %% 4]),
			toString(UUIDNumToString(sipHash128(intDiv(number, 8), 'lead'))), fromUnixTimestamp64Micro(toInt64(1750000000000000 + number * 500000), 'UTC'), if(number %% 100000 = 7, 'person', 'clock'),
			if(number %% 100000 = 7, 'p1', 'clock'), UUIDNumToString(sipHash128(intDiv(number, 2), 'command'))::UUID, number, 0, UUIDNumToString(sipHash128(intDiv(number, 8), 'correlation'))::UUID,
			UUIDNumToString(sipHash128(number, 'cause'))::UUID, '', 1, number + 1, sipHash128(number), true, 0, number, concat('{"message_id":"', toString(sipHash64(number)), '","text":"', repeat('x', 150), '"}'), '' FROM numbers(%d)`, org, n)); err != nil {
			b.Fatal(err)
		}
		conn := &explained{Conn: engine.Conn}
		h := analytics.History{Conn: conn}
		found, err := h.Range(b.Context(), org, n/2, n/2+1, 1)
		if err != nil || len(found) == 0 {
			b.Fatal(len(found), err)
		}
		e := found[0]
		for _, ask := range []struct {
			name string
			do   func() error
		}{
			{"an event by id", func() error { _, err := h.ByID(b.Context(), org, e.ID); return err }},
			{"a timeline", func() error {
				_, err := h.BySubjects(b.Context(), org, []string{e.Subject}, analytics.Page{})
				return err
			}},
			{"what followed", func() error {
				_, err := h.ByCorrelation(b.Context(), org, e.CorrelationID, analytics.Page{})
				return err
			}},
			{"the newest 100", func() error {
				_, err := h.Audit(b.Context(), org, analytics.AuditFilter{}, analytics.Page{Newest: true})
				return err
			}},
			{"a rare type", func() error {
				_, err := h.Audit(b.Context(), org, analytics.AuditFilter{Type: "billing."}, analytics.Page{Newest: true})
				return err
			}},
			{"an actor", func() error {
				_, err := h.Audit(b.Context(), org, analytics.AuditFilter{ActorID: "p1"}, analytics.Page{Newest: true})
				return err
			}},
			{"counts by time", func() error {
				_, err := h.Histogram(b.Context(), org, analytics.AuditFilter{From: e.Time.Add(-400 * 24 * time.Hour)}, 24*time.Hour)
				return err
			}},
		} {
			b.Run(fmt.Sprintf("%s/%d", ask.name, n), func(b *testing.B) {
				for b.Loop() {
					conn.plan = ""
					if err := ask.do(); err != nil {
						b.Fatal(err)
					}
				}
				if all := granules.FindAllStringSubmatch(conn.plan, -1); len(all) > 0 {
					b.Logf("granules after the last index: %s", all[len(all)-1][1])
				}
			})
		}
	}
}
