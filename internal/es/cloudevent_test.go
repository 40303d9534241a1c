package es

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"
)

func anyID() *rapid.Generator[uuid.UUID] {
	return rapid.Custom(func(t *rapid.T) (id uuid.UUID) {
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		return id
	})
}

// anyText is any bytes: headers take them all.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) }), rapid.SampledFrom([]string{"", "\x00", "\r\n", "ce_id", "\xff\xfe"}))
}

func anyTime() *rapid.Generator[time.Time] {
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro(), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC).UnixMicro()
	return rapid.Map(rapid.Int64Range(first, last), func(us int64) time.Time { return time.UnixMicro(us).UTC() })
}

func anyCount() *rapid.Generator[int64] { return rapid.Int64Range(0, 1e18-1) }

func TestEventsSurviveTheLog(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := &Event{ID: anyID().Draw(t, "id"), Type: "t" + anyText().Draw(t, "type"), Org: anyID().Draw(t, "org"), Subject: anyText().Draw(t, "subject"), Time: anyTime().Draw(t, "time"),
			Actor: Actor{rapid.OneOf(anyText(), rapid.Just(ActorClock)).Draw(t, "kind"), anyText().Draw(t, "actor")}, CommandID: anyID().Draw(t, "command"), CommandOffset: anyCount().Draw(t, "offset"),
			Fingerprint: rapid.Uint64().Draw(t, "fingerprint"), CorrelationID: anyID().Draw(t, "correlation"), CausationID: anyID().Draw(t, "causation"), TraceParent: anyText().Draw(t, "trace"), Origin: anyText().Draw(t, "origin"),
			Epoch: 1 + anyCount().Draw(t, "epoch")/2, Pseq: anyCount().Draw(t, "pseq"), Oseq: anyCount().Draw(t, "oseq"), Last: rapid.Bool().Draw(t, "last"),
			Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"), Partition: rapid.Int32Min(0).Draw(t, "partition")}
		copy(e.Chain[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "chain"))
		r := EventRecord(e.Partition, e)
		r.Offset, e.Offset = 77, 77
		got, err := ParseLog(r)
		if err != nil || got.Fence || got.Epoch != e.Epoch || !reflect.DeepEqual(got.Event, e) {
			t.Fatalf("%v\n%+v, wrote\n%+v", err, got.Event, e)
		}
	})
}

func TestCommandsSurviveTheLog(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := &Command{ID: anyID().Draw(t, "id"), Type: "t" + anyText().Draw(t, "type"), Org: anyID().Draw(t, "org"), Time: anyTime().Draw(t, "time"), Actor: Actor{anyText().Draw(t, "kind"), anyText().Draw(t, "actor")},
			Fingerprint: rapid.Uint64().Draw(t, "fingerprint"), CorrelationID: anyID().Draw(t, "correlation"), CausationID: anyID().Draw(t, "causation"), TraceParent: anyText().Draw(t, "trace"), Origin: anyText().Draw(t, "origin"),
			ReplyTo: rapid.Int32Min(-1).Draw(t, "reply to"), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"), Partition: 3}
		if got, err := ParseCommand(CommandRecord(3, c)); err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("%v\n%+v, wrote\n%+v", err, got, c)
		}
	})
}

// The records are CloudEvents 1.0 in the binary mode of the Kafka protocol binding.
func TestRecordsAreCloudEvents(t *testing.T) {
	t.Parallel()
	e := chainEvent()
	c := &Command{ID: e.ID, Type: e.Type, Org: e.Org, Time: e.Time, Actor: e.Actor, Fingerprint: 5, TraceParent: "t", ReplyTo: 2, Data: e.Data}
	name := regexp.MustCompile(`^ce_[a-z0-9]{1,20}$`)
	for kind, r := range map[string]*kgo.Record{"event": EventRecord(0, e), "command": CommandRecord(0, c), "fence": FenceRecord(0, 1, e.ID, modelTime)} {
		got := map[string]string{}
		for _, h := range r.Headers {
			if _, twice := got[h.Key]; twice {
				t.Errorf("%s: header %s is there twice", kind, h.Key)
			}
			if h.Key != "content-type" && !name.MatchString(h.Key) {
				t.Errorf("%s: header %s is no name of an attribute", kind, h.Key)
			}
			got[h.Key] = string(h.Value)
		}
		for k, ok := range map[string]bool{"ce_specversion": got["ce_specversion"] == "1.0", "ce_id": got["ce_id"] == e.ID.String(), "ce_source": got["ce_source"] == "/outrider", "ce_type": got["ce_type"] != "",
			"content-type": (got["content-type"] == "application/json") == (r.Value != nil)} {
			if !ok {
				t.Errorf("%s: %s is %q", kind, k, got[k])
			}
		}
		if at, err := time.Parse(time.RFC3339Nano, got["ce_time"]); err != nil || !at.Equal(modelTime) {
			t.Errorf("%s: time %q: %v", kind, got["ce_time"], err)
		}
		if kind != "fence" && string(r.Key) != e.Org.String() {
			t.Errorf("%s: key %q", kind, r.Key)
		}
	}
}

func TestFencesSurviveTheLog(t *testing.T) {
	t.Parallel()
	nonce := uuid.New()
	got, err := ParseLog(FenceRecord(4, 9, nonce, modelTime))
	if err != nil || !got.Fence || got.Epoch != 9 || got.Nonce != nonce || got.Event != nil {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestParseTimeAgreesWithTimeParse(t *testing.T) {
	t.Parallel()
	digits := rapid.StringMatching(`[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\.[0-9]{6}Z`)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(digits, rapid.String(), rapid.Map(anyTime(), func(t time.Time) string { return t.Format(timeLayout) })).Draw(t, "text")
		want, err := time.Parse(timeLayout, s)
		got, ok := parseTime([]byte(s))
		if ok != (err == nil) || ok && got != want {
			t.Fatalf("%q: %v %v, time.Parse says %v %v", s, got, ok, want, err)
		}
	})
}

func TestReplyToOfNoPartition(t *testing.T) {
	t.Parallel()
	r := CommandRecord(0, ordered(1, "do.one.v1"))
	r.Headers = append(r.Headers, kgo.RecordHeader{Key: hReplyTo, Value: []byte("2147483648")})
	if c, err := ParseCommand(r); err == nil || !strings.Contains(err.Error(), hReplyTo) {
		t.Fatalf("%+v, %v", c, err)
	}
}
