package api

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/internal/pii"
)

func TestConcurrentKeysShareAStatement(t *testing.T) {
	t.Parallel()
	synctest.Test(t, checkConcurrentKeys)
}

func checkConcurrentKeys(t *testing.T) {
	org, stranger := uuid.New(), uuid.New()
	entered, open := make(chan int, 100), make(chan struct{})
	s := newKeyBatcher(func(_ context.Context, org uuid.UUID, subjects []uuid.UUID) ([]pii.Key, error) {
		entered <- len(subjects)
		<-open
		if org == stranger {
			return nil, errors.New("no database")
		}
		keys := make([]pii.Key, len(subjects))
		for i, subject := range subjects {
			keys[i].Ref = pii.Ref{Org: org, Subject: subject, ID: 1}
		}
		return keys, nil
	})
	var g errgroup.Group
	ask := func() {
		subject := uuid.New()
		g.Go(func() error {
			key, err := s.keyOf(t.Context(), org, subject)
			if err == nil && (key.Subject != subject || key.Org != org) {
				err = errors.New("got another's key")
			}
			return err
		})
	}
	ask()
	if n := <-entered; n != 1 {
		t.Fatalf("the first statement is for %d", n)
	}
	for range 600 {
		ask()
	}
	synctest.Wait() // all have come while the first statement runs
	g.Go(func() error {
		if _, err := s.keyOf(t.Context(), stranger, uuid.New()); err == nil {
			return errors.New("a failure was lost")
		}
		return nil
	})
	if n := <-entered; n != 1 {
		t.Fatalf("another organisation's statement is for %d: it waited for the first", n)
	}
	close(open)
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if a, b := <-entered, <-entered; a != sealBatch || b != 100 {
		t.Errorf("got statements for %d and %d, want %d and 100", a, b, sealBatch)
	}
}
