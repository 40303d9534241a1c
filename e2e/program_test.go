package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/engines"
	"outrider/internal/engines/enginestest"
)

// programVariable names a program that was built just now, as make test does it; without it one is built.
const programVariable = "OUTRIDER_TEST_PROGRAM"

// longVariable has the tests play what make test has no time for: each check and each mechanism left out by itself.
const longVariable = "OUTRIDER_E2E_LONG"

var build = sync.OnceValues(func() (string, error) { // built once a test process
	if built := os.Getenv(programVariable); built != "" {
		return built, nil
	}
	dir, err := os.MkdirTemp("", "outrider-e2e-bin-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "outrider")
	out, err := exec.Command("go", "build", "-o", bin, "outrider/cmd/outrider").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	// They wait for processes more than they compute: more of them at once than there are cores.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	code := m.Run()
	common.end()
	if bin, err := build(); err == nil && os.Getenv(programVariable) == "" {
		_ = os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// program is `outrider dev` on a data folder.
type program struct {
	t    *testing.T
	bin  string
	data string
	more []string // arguments
	env  []string // besides ours
	cmd  *exec.Cmd
	logs *bytes.Buffer // what it has said since it started; to be read once it has ended

	mu       sync.Mutex
	position map[string]string // newest write of each key; reads wait for it, as a client's should

	URL         string `json:"url"`
	PlatformKey string `json:"platform_key"`
	Postgres    string `json:"postgres"`
	PostgresAPI string `json:"postgres_api"`
	Kafka       string `json:"kafka"`
	BootMS      int    `json:"boot_ms"`
}

// startProgram starts one that is the test's own: it may restart and kill it, and nobody else has data in it. See shareProgram.
func startProgram(t *testing.T, more ...string) *program {
	t.Helper()
	p, err := newProgram(more...)
	if err != nil {
		t.Fatal(err)
	}
	p.startFor(t)
	return p
}

// startFor starts it until a test ends.
func (p *program) startFor(t *testing.T) {
	t.Helper()
	p.t = t
	t.Cleanup(p.end)
	p.start()
}

// newProgram is one that hasn't been started yet.
func newProgram(more ...string) (*program, error) {
	bin, err := build()
	if err != nil {
		return nil, err
	}
	data, err := os.MkdirTemp("", "outrider-e2e-")
	if err != nil {
		return nil, err
	}
	p := &program{bin: bin, data: data, more: more, position: map[string]string{}}
	return p, os.Chmod(data, 0o755) // Postgres runs as another user when we are root
}

// end stops it and removes its data.
func (p *program) end() {
	p.stop(syscall.SIGTERM)
	_ = os.RemoveAll(p.data)
}

func (p *program) start() {
	p.t.Helper()
	if err := p.tryStart(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Logf("up after %d ms", p.BootMS)
}

func (p *program) tryStart() error {
	p.cmd = exec.Command(p.bin, append([]string{"dev", "--json", "--data", p.data, "--listen", "127.0.0.1:0", "--kafka", broker()}, p.more...)...)
	p.cmd.Env = append(os.Environ(), p.env...)
	errs := &bytes.Buffer{}
	p.cmd.Stderr, p.logs = errs, errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, p)
	}
	if err != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		return fmt.Errorf("outrider dev says %q: %w\n%s", line, err, errs)
	}
	return nil
}

// broker is the kind that the tests run on.
func broker() string {
	if os.Getenv(enginestest.KafkaVariable) != "" {
		return engines.Apache
	}
	return engines.Embedded
}

func (p *program) stop(sig syscall.Signal) {
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(sig)
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}

// peak is the most memory that the server process itself has held, in bytes.
func (p *program) peak() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Skip("no /proc on this system")
	}
	for _, l := range strings.Split(string(b), "\n") {
		if f := strings.Fields(l); len(f) > 1 && f[0] == "VmHWM:" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n << 10
		}
	}
	p.t.Fatal("no VmHWM in status")
	return 0
}

// response is an answer of the API.
type response struct {
	Status int
	Header http.Header
	Body   map[string]any
	Raw    []byte
}

func (r response) text(name string) string { s, _ := r.Body[name].(string); return s }

func (r response) number(name string) int { n, _ := r.Body[name].(float64); return int(n) }

// call sends JSON (or nothing) and reads JSON.
func (p *program) call(key, method, path string, body any, headers ...string) response {
	p.t.Helper()
	r, err := p.try(key, method, path, body, headers...)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func (p *program) try(key, method, path string, body any, headers ...string) (response, error) {
	var rd io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return response{}, err
		}
		rd = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, p.URL+path, rd)
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return p.do(key, req)
}

func (p *program) do(key string, req *http.Request) (response, error) {
	p.mu.Lock()
	at := p.position[key]
	p.mu.Unlock()
	if req.Method == http.MethodGet && at != "" {
		req.Header.Set("Outrider-Position", at)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return response{}, err
	}
	defer func() { _ = res.Body.Close() }()
	r := response{Status: res.StatusCode, Header: res.Header}
	if r.Raw, err = io.ReadAll(res.Body); err != nil {
		return r, err
	}
	_ = json.Unmarshal(r.Raw, &r.Body)
	if at := res.Header.Get("Outrider-Position"); at != "" {
		p.mu.Lock()
		p.position[key] = at
		p.mu.Unlock()
	}
	return r, nil
}

// must is call with the status that has to come. What is accepted, but not to be seen yet, is asked for again: by its key it is the same request.
func (p *program) must(status int, key, method, path string, body any, headers ...string) response {
	p.t.Helper()
	if method != http.MethodGet && !slices.Contains(headers, "Idempotency-Key") {
		headers = append(slices.Clone(headers), "Idempotency-Key", uuid.NewString())
	}
	r := p.call(key, method, path, body, headers...)
	for late := time.Now().Add(5 * time.Minute); r.Status == http.StatusAccepted && status != r.Status && method != http.MethodGet && time.Now().Before(late); {
		time.Sleep(100 * time.Millisecond)
		r = p.call(key, method, path, body, headers...)
	}
	for method == http.MethodGet && r.text("code") == "not_yet_visible" && r.Status != status { // which says: try again
		time.Sleep(50 * time.Millisecond)
		r = p.call(key, method, path, body, headers...)
	}
	if r.Status != status {
		p.t.Fatalf("%s %s: %d, want %d: %s", method, path, r.Status, status, r.Raw)
	}
	return r
}

// upload sends a file as it is written, and gives the import.
func (p *program) upload(key string, fields map[string]string, write func(io.Writer)) response {
	p.t.Helper()
	pr, pw := io.Pipe()
	form := multipart.NewWriter(pw)
	go func() {
		for k, v := range fields {
			_ = form.WriteField(k, v)
		}
		part, err := form.CreateFormFile("file", "leads.csv")
		if err == nil {
			b := bufio.NewWriterSize(part, 64<<10)
			write(b)
			_ = b.Flush()
			err = form.Close()
		}
		_ = pw.CloseWithError(err)
	}()
	req, err := http.NewRequest(http.MethodPost, p.URL+"/v1/imports", pr)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", form.FormDataContentType())
	r, err := p.do(key, req)
	if err != nil {
		p.t.Fatal(err)
	}
	if r.Status != http.StatusCreated {
		p.t.Fatalf("upload: %d %s", r.Status, r.Raw)
	}
	return r
}

// imported waits until an import has ended.
func (p *program) imported(key, id string) response {
	p.t.Helper()
	for range 1200 {
		r, err := p.try(key, http.MethodGet, "/v1/imports/"+id, nil)
		if err == nil && r.Status == http.StatusOK && r.text("status") != "running" && r.text("status") != "undoing" {
			return r
		}
		time.Sleep(200 * time.Millisecond)
	}
	p.t.Fatal("the import does not end")
	return response{}
}

// organization makes one with a key that may do everything.
func (p *program) organization(name, plan string) (id, key string) {
	p.t.Helper()
	id = p.must(http.StatusCreated, p.PlatformKey, http.MethodPost, "/v1/organizations", map[string]any{"slug": freeSlug(name), "name": name, "plan": plan}).text("id")
	key = p.must(http.StatusCreated, p.PlatformKey, http.MethodPost, "/v1/api-keys", map[string]any{"organization_id": id, "name": "test",
		"scopes": []string{"leads:read", "leads:write", "leads:erase", "imports:write", "leads:export", "audit:read", "analytics:read", "campaigns:read", "campaigns:write", "organization:read", "suppressions:write", "pii:read"}}).text("token")
	return id, key
}

// freeSlug is one that no other test takes.
func freeSlug(name string) string { return name + "-" + uuid.NewString()[:13] }

func (p *program) run(args ...string) string {
	p.t.Helper()
	out, err := p.tryRun(args...)
	if err != nil {
		p.t.Fatalf("outrider %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (p *program) tryRun(args ...string) (string, error) {
	out, err := exec.Command(p.bin, append(args, "--data", p.data)...).CombinedOutput()
	return string(out), err
}
