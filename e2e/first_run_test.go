package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// firstRun is `outrider dev` as somebody starts it at a terminal.
type firstRun struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan string
	link  string
	url   string
	token string
}

func startFirstRun(t *testing.T, bin, data string) *firstRun {
	t.Helper()
	f := &firstRun{t: t, lines: make(chan string, 1000), cmd: exec.Command(bin, "dev", "--no-browser", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "warn", "--kafka", broker())}
	var errs bytes.Buffer
	f.cmd.Stderr = &errs
	out, err := f.cmd.StdoutPipe()
	if err == nil {
		err = f.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.stop)
	go func() {
		defer close(f.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			f.lines <- s.Text()
		}
	}()
	f.link = regexp.MustCompile(`http://\S+/start#\S+`).FindString(f.line("sign in"))
	f.url, f.token, _ = strings.Cut(f.link, "/start#")
	return f
}

func (f *firstRun) stop() {
	if f.cmd != nil {
		_ = f.cmd.Process.Signal(syscall.SIGTERM)
		_ = f.cmd.Wait()
		f.cmd = nil
	}
}

// line waits for a line that has a text in it.
func (f *firstRun) line(with string) string {
	f.t.Helper()
	late := time.After(5 * time.Minute)
	for {
		select {
		case l, ok := <-f.lines:
			if !ok {
				f.t.Fatalf("it ended without saying %q", with)
			}
			if strings.Contains(l, with) {
				return l
			}
		case <-late:
			f.t.Fatalf("it doesn't say %q", with)
		}
	}
}

func (f *firstRun) ask(method, path string, body any) (int, map[string]any) {
	f.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		f.t.Fatal(err)
	}
	req, err := http.NewRequest(method, f.url+path, bytes.NewReader(b))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		f.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	var out map[string]any
	_ = json.Unmarshal(raw, &out)
	return res.StatusCode, out
}

// claim signs in as the start page does, and says which phases it saw.
func (f *firstRun) claim() (waitedFor map[string]bool) {
	f.t.Helper()
	waitedFor = map[string]bool{}
	for late := time.Now().Add(5 * time.Minute); ; {
		status, answer := f.ask(http.MethodPost, "/v1/session/claim", map[string]string{"token": f.token})
		if status == http.StatusOK {
			return waitedFor
		}
		if status != http.StatusServiceUnavailable || answer["code"] != "starting" {
			f.t.Fatalf("the link is answered with %d %v", status, answer)
		}
		phase, _ := answer["phase"].(string)
		waitedFor[phase] = true
		if time.Now().After(late) {
			f.t.Fatal("the link doesn't sign in")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestTheFirstMinute(t *testing.T) {
	t.Parallel()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.MkdirTemp("", "outrider-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(data) })
	if err := os.Chmod(data, 0o755); err != nil { // Postgres runs as another user when we are root
		t.Fatal(err)
	}
	f := startFirstRun(t, bin, data)
	if status, ready := f.ask(http.MethodGet, "/readyz", nil); status != http.StatusServiceUnavailable || ready["phase"] == nil {
		t.Errorf("at its first moment it says %d %v", status, ready)
	}
	if seen := f.claim(); !seen["kafka"] && !seen["postgres"] && !seen["clickhouse"] {
		t.Errorf("the link waited for %v, and for no engine", seen)
	}
	if status, answer := f.ask(http.MethodPost, "/v1/session/claim", map[string]string{"token": f.token}); status != http.StatusGone {
		t.Errorf("the link a second time: %d %v", status, answer)
	}
	if again := f.line("sign in"); !strings.Contains(again, f.link) {
		t.Errorf("another link is printed when all is ready: %s", again)
	}
	password := strings.Fields(strings.SplitAfter(f.line("with the password"), "with the password ")[1])[0]
	if status, ready := f.ask(http.MethodGet, "/readyz", nil); status != http.StatusOK || ready["phase"] != nil {
		t.Errorf("in the end it says %d %v", status, ready)
	}
	if status, answer := f.ask(http.MethodPost, "/v1/auth/sign-in", map[string]string{"email": "owner@example.com", "password": password}); status != http.StatusOK {
		t.Errorf("by the password: %d %v", status, answer)
	}
	f.stop()

	f = startFirstRun(t, bin, data)
	f.claim()
	for l := range f.lines {
		if strings.Contains(l, "with the password") {
			t.Errorf("a password is shown again: %s", l)
		}
		if strings.Contains(l, "Ctrl-C") {
			break
		}
	}
	_, who := f.ask(http.MethodPost, "/v1/auth/sign-in", map[string]string{"email": "owner@example.com", "password": password})
	org, _ := who["organization_id"].(string)
	if org == "" {
		t.Fatalf("by the password, after a restart: %v", who)
	}
}
