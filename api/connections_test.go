package api_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"outrider/api"
	"outrider/internal/connlimit"
)

func (w *world) dial() net.Conn {
	w.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(w.url(), "http://")) //nolint:noctx // a test's
	check(w.t, err)
	w.t.Cleanup(func() { c.Close() })
	return c
}

func TestOpenConnectionsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serve(func(c *api.Config) { c.Connections = connlimit.Options{Total: 20, PerAddress: 20} })
	for i := range 200 {
		c := w.dial()
		if i%2 == 0 { // half of them begin a request and never end it
			_, _ = fmt.Fprint(c, "POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
		}
	}
	if a := (&client{world: w}).do("GET", "/healthz", nil); a.status != http.StatusOK {
		t.Errorf("after 200 connections: %d %s", a.status, a.body)
	}
	c := w.tenant("starter")
	c.ok("GET", "/v1/leads", nil)
}

// Whoever has no key is answered at once: nothing of what they send is waited for, and nothing more of it read.
func TestAStrangersUploadIsNotRead(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveImports()
	for name, head := range map[string]string{
		"no key":    "",
		"a bad key": "Authorization: Bearer nobody\r\n",
	} {
		for _, length := range []string{"Content-Length: 100000000\r\n", "Transfer-Encoding: chunked\r\n"} {
			c := w.dial()
			_, err := fmt.Fprintf(c, "POST /v1/imports HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=edge\r\n%s%s\r\n", head, length)
			check(t, err)
			if strings.HasPrefix(length, "Content") {
				_, err = c.Write(make([]byte, 9<<10)) // the beginning; the rest never comes
				check(t, err)
			}
			in := bufio.NewReader(c)
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, length, err)
			}
			_, err = io.Copy(io.Discard, res.Body)
			check(t, err)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusUnauthorized || !res.Close {
				t.Errorf("%s, %s: %d, the connection goes on: %v", name, length, res.StatusCode, !res.Close)
			}
			if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
				t.Errorf("%s, %s: the connection is open: %v", name, length, err)
			}
		}
	}
}
