package e2e

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"outrider/internal/lab/mailserver"
)

// commonPlans are the plans of the program that tests share: a starter's sixty requests a minute would make tests wait for minutes.
const commonPlans = `{"starter": {"api_requests_per_minute": 6000}, "tiny": {"leads_stored": 3, "import_rows": 4, "import_bytes": 1000}}`

// shared is the program of all tests that have nothing but organisations in it.
type shared struct {
	once    sync.Once
	program *program
	err     error
}

//nolint:gochecknoglobals // one a test process is the point: a start costs more than most tests
var common shared

// shareProgram gives the program that tests share, with plans and mail servers of tests (see mailCA). Each has organisations of its own in it,
// and neither stops it nor looks at what belongs to all.
func shareProgram(t *testing.T) *program {
	t.Helper()
	common.once.Do(common.start)
	if common.err != nil {
		t.Fatal(common.err)
	}
	p := common.program
	return &program{t: t, bin: p.bin, data: p.data, position: map[string]string{}, URL: p.URL, PlatformKey: p.PlatformKey, Postgres: p.Postgres, PostgresAPI: p.PostgresAPI, Kafka: p.Kafka}
}

func (s *shared) start() {
	ca, err := mailCA()
	if err != nil {
		s.err = err
		return
	}
	if s.program, s.err = newProgram(mailFlags(filepath.Join(ca, mailserver.CAFile))...); s.err != nil {
		return
	}
	plans := filepath.Join(s.program.data, "plans.json")
	s.program.more = append(s.program.more, "--plans", plans)
	if s.err = os.WriteFile(plans, []byte(commonPlans), 0o600); s.err == nil {
		s.err = s.program.tryStart()
	}
}

func (s *shared) end() {
	if s.program != nil {
		s.program.end()
	}
	if ca, err := mailCA(); err == nil {
		_ = os.RemoveAll(ca)
	}
}

// mailFlags let a program reach mail servers on loopback whose certificates a CA has signed.
func mailFlags(ca string) []string {
	return []string{"--mail-loopback", "--mail-ca", ca, "--poll", "1s", "--resolver", "127.0.0.1:1"}
}

// mailCA is a folder with the CA that signs for all mail servers of tests.
//
//nolint:gochecknoglobals // one a test process: programs know their CA before mail servers are started
var mailCA = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "outrider-e2e-ca-")
	if err != nil {
		return "", err
	}
	_, err = mailserver.Certificate(dir, []string{"127.0.0.1"})
	return dir, err
})

// mailFolder is a folder for a mail server, with the CA of all in it.
func mailFolder(t *testing.T) string {
	t.Helper()
	ca, err := mailCA()
	dir := t.TempDir()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "ca.key"), readFile(t, filepath.Join(ca, "ca.key")), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
