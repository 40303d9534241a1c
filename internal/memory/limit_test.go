package memory

import (
	"math"
	"runtime"
	"testing"
)

func TestTheLimitFollowsWhatIsLiveAndFitsTheMachine(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		name               string
		live, other, there uint64
		want               int64
	}{
		{"little", 20 * mb, 30 * mb, 8000 * mb, smallest},
		{"more", 320 * mb, 100 * mb, 8000 * mb, 660 * mb},
		{"much", 1000 * mb, 100 * mb, 8000 * mb, 2000 * mb},
		{"more than the container has", 1000 * mb, 100 * mb, 1000 * mb, 900 * mb},
		{"a small container", 20 * mb, 30 * mb, 256 * mb, 241591910},
		{"nobody knows what there is", 20 * mb, 30 * mb, math.MaxInt64, smallest},
	} {
		if got := limitOf(c.live, c.other, c.there); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	runtime.GC()
	live, other := use()
	if live == 0 || other == 0 || other > 1<<40 {
		t.Errorf("of this process: %d live, %d others", live, other)
	}
}
