// Package sealedtext seals the texts of messages and mails under the keys of persons.
package sealedtext

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"

	"outrider/events"
	"outrider/internal/pii"
	"outrider/projections"
)

// What texts are bound to when they are sealed (pii.Key.Seal): that under which the read side opens them.
const (
	SubjectField = projections.SubjectField
	BodyField    = projections.BodyField
)

const (
	maxInline = 32 << 10  // bytes of a sealed body in the log; a longer one goes to the blob bucket
	maxText   = 256 << 10 // of an opened one
	maxObject = 1 << 20
)

// Keyring finds the keys of persons; pii.Vault is one.
type Keyring interface {
	Keys(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) ([]pii.Key, error)
	Existing(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) (map[uuid.UUID]pii.Key, error)
}

// Objects keep bodies that are too long for the log, by the hash of their (sealed) bytes; blob.Bucket is one.
type Objects interface {
	PutHashed(ctx context.Context, prefix string, data []byte) (string, error)
	GetHashed(ctx context.Context, name string, limit int64) ([]byte, error)
}

// textEncoder compresses texts, each by itself. One takes a megabyte and a millisecond to make, as much as fifty texts.
//
//nolint:gochecknoglobals // keeps nothing of what it has compressed
var textEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithWindowSize(maxText), zstd.WithLowerEncoderMem(true))
})

// Seal compresses (zstd, RFC 8878) and seals a text under a person's key.
func Seal(key pii.Key, field, text string) (events.Sealed, error) {
	w, err := textEncoder()
	if err != nil {
		return events.Sealed{}, fmt.Errorf("compress %s: %w", field, err)
	}
	s, err := key.Seal(field, w.EncodeAll([]byte(text), nil))
	return events.Sealed(s), err
}

// Open reads what Seal made.
func Open(key pii.Key, field string, s events.Sealed) (string, error) {
	packed, err := key.Open(field, pii.Sealed(s))
	if err != nil {
		return "", err
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxText))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", field, err)
	}
	defer r.Close()
	plain, err := r.DecodeAll(packed, nil)
	if err != nil {
		return "", fmt.Errorf("decompress %s: %w", field, err)
	}
	return string(plain), nil
}

// SealBody gives the body as it goes into the log, or the name under which it lies in the bucket.
func SealBody(ctx context.Context, objects Objects, key pii.Key, text string) (events.Sealed, string, error) {
	s, err := Seal(key, BodyField, text)
	if err != nil || len(s.C) <= maxInline {
		return s, "", err
	}
	name, err := store(ctx, objects, s)
	return events.Sealed{}, name, err
}

// StoreBody puts a body into the bucket, however short it is, and returns the name under which it lies there.
func StoreBody(ctx context.Context, objects Objects, key pii.Key, text string) (string, error) {
	s, err := Seal(key, BodyField, text)
	if err != nil {
		return "", err
	}
	return store(ctx, objects, s)
}

func store(ctx context.Context, objects Objects, s events.Sealed) (string, error) {
	if objects == nil {
		return "", errors.New("store body: there is no bucket")
	}
	data, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("store body: %w", err)
	}
	name, err := objects.PutHashed(ctx, "bodies", data)
	if err != nil {
		return "", fmt.Errorf("store body: %w", err)
	}
	return name, nil
}

// OpenStored reads a body that SealBody or StoreBody has put into the bucket.
func OpenStored(ctx context.Context, objects Objects, key pii.Key, ref string) (string, error) {
	if objects == nil {
		return "", errors.New("read body: there is no bucket")
	}
	data, err := objects.GetHashed(ctx, ref, maxObject)
	if err != nil {
		return "", fmt.Errorf("read body: %w", err)
	}
	var s events.Sealed
	if err := json.Unmarshal(data, &s); err != nil {
		return "", fmt.Errorf("read body: %w", err)
	}
	return Open(key, BodyField, s)
}
