package es

import "github.com/go-json-experiment/json"

// The codec of stored data is the library behind encoding/json/v2: twice encoding/json's rate at replay
// (docs/adr/0005). For struct tags: omitzero, never omitempty (which drops a pointer to "" here); a nil slice is [].
// Hashes are over the stored bytes, so the codec could be replaced without touching what is written.

// Marshal returns the bytes that are stored for a fact: keys of maps are sorted, so that equal facts are equal bytes.
// Text that isn't UTF-8 is an error.
func Marshal(v any) ([]byte, error) { return json.Marshal(v, json.Deterministic(true)) }

// Unmarshal reads them. Names are matched exactly, unknown ones are skipped, repeated ones are an error.
func Unmarshal(b []byte, v any) error { return json.Unmarshal(b, v) }
