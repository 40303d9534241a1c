package api

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestAShareFollowsTheProcesses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l, org := newLimiter(Config{}, nil), uuid.New()
	const plan = 60
	bucketOf := func(processes int) *bucket {
		b, fresh := l.findBucket(org, processes, now)
		if !fresh {
			b = l.setBucket(org, bucket{perMinute: plan, processes: processes, until: now.Add(limitsFor)}, now)
		}
		return b
	}
	left := func(processes int) int { return int(bucketOf(processes).tokens.TokensAt(now)) }
	if got := left(1); got != plan {
		t.Errorf("alone it has the plan: %d", got)
	}
	if got := left(3); got != plan/3 {
		t.Errorf("one of three: %d", got)
	}
	if bucketOf(3).tokens.AllowN(now, plan/3+1) || !bucketOf(3).tokens.AllowN(now, plan/3) {
		t.Error("a third may come at once, and no more")
	}
	now = now.Add(9 * time.Second)
	if got := left(3); got != 3 {
		t.Errorf("a third comes back: %d in 9 s of 20 a minute", got)
	}
	if got := left(1); got != 3 {
		t.Errorf("the others have ended: what was used stays used, %d", got)
	}
	now = now.Add(time.Minute)
	if got := left(1); got != plan {
		t.Errorf("and all comes back: %d", got)
	}
	for _, x := range []struct {
		perMinute int64
		processes int
		burst     int
	}{{0, 1, 0}, {0, 3, 0}, {2, 3, 1}, {7, 2, 3}, {1 << 40, 1, 1<<31 - 1}} {
		b := &bucket{perMinute: x.perMinute, processes: x.processes}
		if perSecond, burst := b.share(); burst != x.burst || float64(perSecond)*60*float64(x.processes) > float64(x.perMinute)*1.000001 {
			t.Errorf("%d a minute by %d: %v a second, %d at once", x.perMinute, x.processes, perSecond, burst)
		}
	}
}
