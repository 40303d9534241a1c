package hostile

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/retry"
)

// connFlood is connections that are held as long as the server lets them be, and opened again.
type connFlood struct {
	Conns int
	Send  string        // at once
	Drip  string        // again and again
	Every time.Duration // between two of them, and between two bytes that are read
	Bulk  int           // times that Drip is repeated in one write; 0 = 1
	Reads bool          // a byte at a time; else nothing is read, and the connection opened anew after Every
}

func (f connFlood) start(ctx context.Context, url string, all *sync.WaitGroup, seen *tally) {
	at := strings.TrimPrefix(url, "http://")
	drip := []byte(strings.Repeat(f.Drip, max(f.Bulk, 1)))
	for range f.Conns {
		all.Go(func() {
			for ctx.Err() == nil {
				f.holdOne(ctx, at, drip, seen)
				_ = retry.Sleep(ctx, 20*time.Millisecond)
			}
		})
	}
}

// holdOne opens a connection and holds it until the server ends it.
func (f connFlood) holdOne(ctx context.Context, at string, drip []byte, seen *tally) {
	conn, err := loopback.Dialer().DialContext(ctx, "tcp", at)
	if err != nil {
		seen.add("not connected", 1)
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	seen.add("connected", 1)
	if _, err := io.WriteString(conn, f.Send); err != nil {
		seen.add("ended", 1)
		return
	}
	for err == nil {
		if err = f.goOn(conn, drip); err == nil {
			err = retry.Sleep(ctx, f.Every)
		}
	}
	if ctx.Err() == nil {
		seen.add("ended", 1)
	}
}

var errHeld = errors.New("it was held long enough")

// goOn is one step of holding a connection.
func (f connFlood) goOn(conn net.Conn, drip []byte) error {
	switch {
	case len(drip) > 0:
		_, err := conn.Write(drip)
		return err
	case f.Reads:
		_, err := conn.Read(make([]byte, 1))
		return err
	}
	time.Sleep(f.Every)
	return errHeld
}
