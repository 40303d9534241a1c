package es

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// pack and unpack carry a record's headers and value in the bytes that a fuzzer changes: key, value, key, ... each ended
// by 0xff, what is left is the value.
func pack(r *kgo.Record) (b []byte) {
	for _, h := range r.Headers {
		b = append(append(append(b, h.Key...), 0xff), append(h.Value, 0xff)...)
	}
	return append(b, r.Value...)
}

func unpack(b []byte) *kgo.Record {
	parts := bytes.Split(b, []byte{0xff})
	r := &kgo.Record{Value: parts[len(parts)-1], Offset: 5, Partition: 2}
	for i := 0; i+1 < len(parts)-1; i += 2 {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: string(parts[i]), Value: parts[i+1]})
	}
	return r
}

func FuzzParseLog(f *testing.F) {
	f.Add(pack(EventRecord(0, chainEvent())))
	f.Add(pack(FenceRecord(0, 3, numbered(1), modelTime)))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := unpack(b)
		first, err := ParseLog(r)
		if err != nil {
			return
		}
		again := FenceRecord(2, first.Epoch, first.Nonce, modelTime)
		if !first.Fence {
			again = EventRecord(2, first.Event)
		}
		again.Offset = 5
		second, err := ParseLog(again)
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("%v\nread    %+v %+v\nwritten %+v %+v", err, first, first.Event, second, second.Event)
		}
	})
}

func FuzzParseCommand(f *testing.F) {
	c := ordered(1, "do.one.v1")
	c.Fingerprint, c.TraceParent = 9, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	f.Add(pack(CommandRecord(0, c)))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := ParseCommand(unpack(b))
		if err != nil {
			return
		}
		again := CommandRecord(2, first)
		again.Offset = 5
		second, err := ParseCommand(again)
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("%v\nread    %+v\nwritten %+v", err, first, second)
		}
	})
}
