package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestABodyIsNeverTakenForARequest sends bodies that look like requests to routes that don't read them, then a request
// on the same connection: only that one may be answered. Of whoever has no key, one with a long body ends the connection.
func TestABodyIsNeverTakenForARequest(t *testing.T) {
	t.Parallel()
	w := setup(t)
	smuggled := "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	long := smuggled + strings.Repeat(smuggled, 2000) // beyond what is read ahead
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(long), long)
	length := func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }
	for name, x := range map[string]struct {
		status int
		text   string
	}{
		"without a key":            {401, "POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + length(long)},
		"short":                    {401, "POST /v1/leads HTTP/1.1\r\nHost: x\r\n" + length(smuggled)},
		"chunked, without a key":   {401, "POST /v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked},
		"no such path":             {404, "POST /v1/nothing HTTP/1.1\r\nHost: x\r\n" + length(long)},
		"no such method":           {405, "DELETE /v1/leads HTTP/1.1\r\nHost: x\r\n" + length(long)},
		"a read with a body":       {200, "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n" + length(long)},
		"an upload with no key":    {401, "POST /v1/imports HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n" + length(long)},
		"chunked, read to its end": {415, "POST /v1/leads HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + w.tenant("growth").key + "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked},
	} {
		conn, err := net.DialTimeout("tcp", strings.TrimPrefix(w.url(), "http://"), time.Second)
		check(t, err)
		check(t, conn.SetDeadline(time.Now().Add(5*time.Minute)))
		_, err = io.WriteString(conn, x.text+"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		check(t, err)
		r := bufio.NewReader(conn)
		var statuses []int
		var last string
		for {
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				break
			}
			b, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			statuses, last = append(statuses, resp.StatusCode), string(b)
		}
		closes := strings.Contains(x.text, smuggled+smuggled) && !strings.Contains(x.text, "X-Api-Key") // a stranger's body isn't read
		if len(statuses) < 1 || statuses[0] != x.status || closes && len(statuses) != 1 || !closes && (len(statuses) != 2 || !strings.Contains(last, `"ready"`)) {
			t.Errorf("%s: got %v, then %.200q", name, statuses, last)
		}
		conn.Close()
	}
}
