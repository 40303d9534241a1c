package es

import "encoding/json"

// Marshal gives the bytes that are stored of a fact: object keys of maps sorted, so that equal facts are equal bytes.
func Marshal(v any) ([]byte, error) { return json.Marshal(v) }

// Unmarshal reads them.
func Unmarshal(b []byte, v any) error { return json.Unmarshal(b, v) }
