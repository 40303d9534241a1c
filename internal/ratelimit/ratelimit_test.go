package ratelimit

import (
	"testing"
	"time"
)

func TestAKeyHasItsWindow(t *testing.T) {
	t.Parallel()
	l := New[string](2, time.Hour)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	take := func(key string, want bool) {
		t.Helper()
		if ok, _ := l.Take(key, now); ok != want {
			t.Errorf("%s at %s: got %v", key, now, ok)
		}
	}
	take("a", true)
	now = now.Add(50 * time.Minute)
	take("a", true)
	if full, retry := l.Full("a", now); !full || retry != 10*time.Minute {
		t.Errorf("full %v, for %s", full, retry)
	}
	take("a", false)
	take("b", true)
	l.Return("b")
	take("b", true)
	take("b", true)
	take("b", false)
	now = now.Add(10 * time.Minute)
	if full, _ := l.Full("a", now); full {
		t.Error("a window doesn't end")
	}
	take("a", true)
	now = now.Add(-time.Hour) // a clock that was put back must not lock anybody out
	if full, _ := l.Full("a", now); full {
		t.Error("full in the past")
	}
}
