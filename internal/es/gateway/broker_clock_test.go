package gateway

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// appended is a record that the broker took at a time.
func appended(at time.Time) *kgo.Record {
	r := &kgo.Record{Timestamp: at}
	r.Attrs = kgo.NewRecordAttrs(kgo.RecordAttrsOpts{TimestampType: 1})
	return r
}

func TestTheTimeOfACommandIsBoundByTheBrokersClock(t *testing.T) {
	t.Parallel()
	brokers, ours := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), time.Now()
	c := newBrokerClock()
	tomorrow := brokers.Add(24 * time.Hour)
	if got := c.bound(tomorrow, ours); !got.Equal(tomorrow) {
		t.Errorf("nothing is known yet, but %s became %s", tomorrow, got)
	}
	c.observe(&kgo.Record{Timestamp: brokers.Add(-time.Hour)}, ours)
	if c.known() {
		t.Error("a producer's time was taken for the broker's")
	}
	c.observe(appended(brokers), ours)
	for _, x := range []struct {
		what  string
		t     time.Time
		after time.Duration // since the reading
		want  time.Time
	}{
		{"as the broker's", brokers, 0, brokers},
		{"what is earlier stays", brokers.Add(-time.Hour), 0, brokers.Add(-time.Hour)},
		{"a little ahead", brokers.Add(maxAhead), 0, brokers.Add(maxAhead)},
		{"too far ahead", brokers.Add(maxAhead + time.Microsecond), 0, brokers.Add(maxAhead)},
		{"a day ahead, half an hour later", tomorrow, 30 * time.Minute, brokers.Add(30*time.Minute + maxAhead)},
	} {
		if got := c.bound(x.t, ours.Add(x.after)); !got.Equal(x.want) {
			t.Errorf("%s: %s, want %s", x.what, got, x.want)
		}
	}
}

// A record that lay there for a while says less than one that came at once; a broker whose clock was set back is believed after a minute.
func TestTheNewestTimeOfTheBrokerCounts(t *testing.T) {
	t.Parallel()
	brokers, ours := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), time.Now()
	c := newBrokerClock()
	c.observe(appended(brokers), ours)
	latest := func(after time.Duration) time.Duration {
		return c.bound(brokers.Add(time.Hour), ours.Add(after)).Sub(brokers) - maxAhead
	}
	c.observe(appended(brokers.Add(2*time.Second)), ours.Add(10*time.Second))
	if got := latest(10 * time.Second); got != 10*time.Second {
		t.Errorf("a late record put the clock to %s", got)
	}
	c.observe(appended(brokers.Add(25*time.Second)), ours.Add(20*time.Second))
	if got := latest(20 * time.Second); got != 25*time.Second {
		t.Errorf("a later time was not taken: %s", got)
	}
	c.observe(appended(brokers), ours.Add(81*time.Second))
	if got := latest(81 * time.Second); got != 0 {
		t.Errorf("after a minute without another it is still %s", got)
	}
}

// Where answers come without records of replies nothing shows the broker's clock by itself.
func TestAnOldReadingIsRenewed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := newBrokerClock()
	if c.isOld(now) {
		t.Error("a broker that doesn't say when it took a record is asked again")
	}
	c.observe(appended(now), now)
	var asked []time.Duration
	for after := time.Duration(0); after < 4*sampleAge; after += sampleAge / 4 {
		if c.isOld(now.Add(after)) {
			asked = append(asked, after)
		}
		if after == 2*sampleAge {
			c.observe(appended(now.Add(after)), now.Add(after))
		}
	}
	if want := []time.Duration{sampleAge, 2 * sampleAge, 3 * sampleAge}; !slices.Equal(asked, want) {
		t.Errorf("asked after %v, want %v", asked, want)
	}
}
