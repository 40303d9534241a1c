package node

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestCleaningGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancel(t.Context())
	ticks, cleaned, ended := make(chan time.Time), make(chan int), make(chan struct{})
	var said bytes.Buffer
	n := 0
	go func() {
		defer close(ended)
		cleanAtTicks(ctx, ticks, func(context.Context) (int64, error) {
			n++
			cleaned <- n
			if n == 1 {
				return 0, errors.New("the database is away")
			}
			return 7, nil
		}, slog.New(slog.NewTextHandler(&said, nil)))
	}()
	for want := range 3 {
		ticks <- time.Time{}
		if got := <-cleaned; got != want+1 {
			t.Fatalf("it cleaned %d times", got)
		}
	}
	end()
	<-ended
	if text := said.String(); !strings.Contains(text, "the database is away") || strings.Count(text, "rows=7") != 2 {
		t.Errorf("it said %s", text)
	}
}
