package api

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/internal/app/livefeed"
	"outrider/internal/identity"
)

// Timing of streams, in real time.
const (
	heartbeat   = 15 * time.Second // a comment when nothing else is said
	keyCheck    = time.Second      // how often the key is looked at again
	streamStall = 30 * time.Second // how long a client may take nothing
)

// stream is one client that hears of what happens (server-sent events). An event's id is its oseq, so that a client that
// comes back goes on where it was: from ClickHouse up to where its listener began, and then with what was queued meanwhile.
type stream struct {
	s        *Server
	l        *livefeed.Listener
	token    string
	who      identity.Principal // as of the last look
	from     netip.Addr
	conn     net.Conn
	w        *bufio.Writer
	after    int64     // of the newest event that was told or left out
	told     int64     // the newest id that the client knows
	said     time.Time // when the client was last written to
	backlog  bool      // begin with what was before
	prefixes []string  // of types; none = all
}

func (s *Server) streamEvents(c *call) error {
	if s.cfg.Columns == nil || len(s.cfg.Log.Seeds) == 0 {
		return unavailableProblem(codeUnavailable, errors.New("there is no stream of events in this process"))
	}
	if c.who.Org == uuid.Nil {
		return newProblem(codeForbidden, "events are those of an organisation, and you are in none here")
	}
	st := &stream{s: s, token: c.credential(), who: c.who, from: c.address(), conn: c.Context().Conn()}
	from := c.Get("Last-Event-ID") // of a client that comes back by itself; it was told what to ask first
	if from == "" {
		from = c.textParam("after")
	}
	if from != "" {
		n, err := strconv.ParseInt(from, 10, 64)
		if err != nil || n < 0 {
			return malformedProblem("Last-Event-ID and after are the id of an event")
		}
		st.after, st.told, st.backlog = n, n, true
	}
	if types := c.textParam("types"); types != "" {
		st.prefixes = strings.Split(types, ",")
	}
	l, err := s.feed.Listen(c.ctx, c.who.Org)
	if errors.Is(err, livefeed.ErrTooMany) {
		p := newProblem(codeRateLimited, "there are "+strconv.Itoa(livefeed.MaxListeners)+" streams already")
		p.retry = heartbeat
		return p
	}
	if err != nil {
		return err
	}
	st.l = l
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set("X-Accel-Buffering", "no") // nginx would keep it back
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer l.Leave()
		st.w = w
		ctx, cancel := context.WithCancel(s.life)
		defer cancel()
		if err := st.serveStream(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Logger.Info("a stream of events ended", "org", l.Org, "error", err)
		}
	})
	return nil
}

var errEnded = errors.New("the stream ended")

// serveStream tells until the client is gone, is too slow, or the server ends. A client that comes back misses nothing.
func (st *stream) serveStream(ctx context.Context) error {
	if err := st.writeText("retry: 1000\n: what happens from here on\n\n"); err != nil {
		return err
	}
	beat := time.NewTicker(keyCheck)
	defer beat.Stop()
	st.said = time.Now()
	if st.backlog {
		if err := st.catchUp(ctx, beat.C); err != nil {
			return err
		}
	}
	for {
		select {
		case <-st.l.More():
			if err := st.writeEvents(st.l.Take()); err != nil {
				return err
			}
		case <-beat.C:
			if err := st.writeHeartbeat(ctx); err != nil {
				return err
			}
		case <-st.l.Lost():
			return errEnded
		case <-st.s.feed.Closed():
			return nil
		}
	}
}

// writeEvents writes events that weren't told.
func (st *stream) writeEvents(all []*livefeed.StreamEvent) error {
	var out strings.Builder
	for _, h := range all {
		if h.Oseq <= st.after {
			continue
		}
		st.after = h.Oseq
		if !st.wantsType(h.Type) || !mayHear(st.who, h.Type) {
			continue
		}
		data, err := st.showEvent(h)
		if err != nil {
			return err
		}
		st.told = h.Oseq
		out.WriteString("id: " + strconv.FormatInt(h.Oseq, 10) + "\ndata: ")
		out.Write(data)
		out.WriteString("\n\n")
	}
	if out.Len() == 0 {
		return nil
	}
	return st.writeText(out.String())
}

func (st *stream) wantsType(eventType string) bool {
	for _, p := range st.prefixes {
		if strings.HasPrefix(eventType, p) {
			return true
		}
	}
	return len(st.prefixes) == 0
}

// writeHeartbeat ends the stream of a key or session that is worth nothing any more, and reports now and then that we are here, and how far a client
// has heard that wants few types.
func (st *stream) writeHeartbeat(ctx context.Context) error {
	who, err := st.s.authenticateToken(ctx, st.token, st.from)
	if err == nil && who.Person != uuid.Nil && who.Org != st.l.Org { // of a browser that asked for another of the person's organisations
		who, err = st.s.cfg.SignIn.Sessions.In(ctx, who, st.l.Org)
	}
	if errors.Is(err, identity.ErrUnauthenticated) || errors.Is(err, identity.ErrAddress) {
		return err
	}
	if err == nil && who.Org != st.l.Org {
		return errEnded
	}
	if err == nil {
		st.who = who
	}
	if time.Since(st.said) < heartbeat {
		return nil
	}
	text := ": still here\n\n"
	if st.after > st.told {
		st.told = st.after
		text = ": still here\nid: " + strconv.FormatInt(st.after, 10) + "\n\n"
	}
	return st.writeText(text)
}

func (st *stream) writeText(text string) error {
	if err := st.conn.SetWriteDeadline(time.Now().Add(streamStall)); err != nil {
		return err
	}
	if _, err := st.w.WriteString(text); err != nil {
		return err
	}
	st.said = time.Now()
	return st.w.Flush()
}
