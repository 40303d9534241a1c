package sealedtext

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/pii"
)

type shelf map[string][]byte

func (s shelf) PutHashed(_ context.Context, prefix string, data []byte) (string, error) {
	s[prefix+"/1"] = data
	return prefix + "/1", nil
}
func (s shelf) GetHashed(_ context.Context, name string, _ int64) ([]byte, error) {
	return s[name], nil
}

func TestABodyTooLongForTheLogLiesInTheBucket(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for text.Len() < 100<<10 { // random, so that it doesn't shrink much
		text.WriteString(uuid.NewString())
	}
	key, objects := pii.Key{Ref: pii.Ref{Org: es.NewID(), Subject: es.NewID(), ID: 7}}, shelf{}
	s, ref, err := SealBody(context.Background(), objects, key, text.String())
	if err != nil || ref == "" || !s.IsZero() {
		t.Fatalf("%d bytes inline, ref %q, %v", len(s.C), ref, err)
	}
	if got, err := OpenStored(context.Background(), objects, key, ref); err != nil || got != text.String() {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
}
