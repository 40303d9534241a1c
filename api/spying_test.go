package api_test

import (
	"context"
	"encoding/base64"
	"sync"
	"testing"

	"outrider/api"
	"outrider/commands"
	"outrider/internal/es"
)

// spying passes commands on, and remembers those that nobody waits for.
type spying struct {
	api.Gateway
	mu  sync.Mutex
	all []*es.Command
}

func (s *spying) Post(ctx context.Context, c *es.Command) error {
	s.mu.Lock()
	s.all = append(s.all, c)
	s.mu.Unlock()
	return s.Gateway.Post(ctx, c)
}

// posted are the commands about hits.
func (s *spying) posted(t *testing.T) (out []commands.Command) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.all {
		var record commands.RecordHits
		var correct commands.ReclassifyHits
		if c.Type == record.CommandType() {
			check(t, es.Unmarshal(c.Data, &record))
			out = append(out, record)
		} else {
			check(t, es.Unmarshal(c.Data, &correct))
			out = append(out, correct)
		}
	}
	return out
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
