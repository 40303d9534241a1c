package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"outrider/internal/lab/mutants/overlay"
)

// audited is what `outrider chaos --json` prints, as far as it is looked at.
type audited struct {
	Faults       map[string]int
	Acknowledged int
	Sent         int
	Hits         int
	Invoices     int
	Deliveries   int
	CRMRecords   int `json:"crm_records"`
	AICalls      int `json:"ai_calls"`
	Facts        int
	SendGrid     int
	Members      int
	Flags        int
	Checked      int                `json:"quota_operations"`
	Unavailable  map[string]float64 `json:"unavailable_seconds"`
	Examples     []string
	counters     map[string]float64
	said         string // on standard error
}

// counters are those that a correct product leaves at zero.
func counters() []string {
	return []string{"lost", "duplicated", "over_quota", "ghost", "gaps", "chain_breaks", "nonlinearizable", "postgres_diff", "clickhouse_diff", "sent_twice", "person_gap", "billing_diff", "deliveries_lost", "crm_diff", "ai_cost_diff", "fact_diff", "sendgrid_diff", "member_diff", "flag_diff",
		"stuck", "hung"}
}

// chaos runs a build on a data folder that goes afterwards.
func chaos(t *testing.T, bin string, args ...string) (a audited, ok bool) {
	t.Helper()
	dir, err := os.MkdirTemp("", "outrider-e2e-chaos-")
	if err == nil {
		err = os.Chmod(dir, 0o755) // Postgres runs as another user when we are root
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cmd := exec.CommandContext(t.Context(), bin, append([]string{"chaos", "--json", "--in", dir}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	line, err := cmd.Output()
	all := map[string]any{}
	if e := json.Unmarshal(line, &a); e != nil {
		t.Fatalf("chaos %v: %v, %v\n%s", args, err, e, errs.String())
	}
	if e := json.Unmarshal(line, &all); e != nil {
		t.Fatal(e)
	}
	a.counters, a.said = map[string]float64{}, errs.String()
	for _, c := range counters() {
		n, is := all[c].(float64)
		if !is {
			t.Errorf("chaos says nothing of %s", c)
		}
		a.counters[c] = n
	}
	t.Logf("%s", line)
	return a, err == nil
}

// TestFaultsLeaveNothingWrong is a sample of what `make chaos` does for long: each part is lost once, under a load that leaves something of the machine to other tests.
func TestFaultsLeaveNothingWrong(t *testing.T) {
	t.Parallel()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	want, args := 6, []string{"--seed", "1", "--faults", "6", "--clients", "8", "--only", "kill_broker,kill_processor,freeze_processor,kill_projector,kill_consumer,cut_postgres"}
	if os.Getenv(longVariable) != "" {
		want, args = 10, []string{"--seed", "1", "--faults", "10"}
	}
	a, ok := chaos(t, bin, args...)
	made := 0
	for _, n := range a.Faults {
		made += n
	}
	if !ok || made != want {
		t.Errorf("%d faults, ok: %v\n%s\n%s", made, ok, strings.Join(a.Examples, "\n"), a.said)
	}
	for c, n := range a.counters {
		if n != 0 {
			t.Errorf("%s is %v", c, n)
		}
	}
	if a.Acknowledged == 0 || a.Sent == 0 || a.Checked == 0 || len(a.Unavailable) == 0 || a.Invoices == 0 || a.Deliveries == 0 || a.CRMRecords == 0 || a.AICalls == 0 || a.Facts == 0 || a.SendGrid == 0 || a.Members == 0 || a.Flags == 0 {
		t.Errorf("that was no load: %+v", a)
	}
}

// TestWithoutItsMechanismsTheProductFailsTheAudit shows that zeros mean something: each mechanism is left out in turn, by a build
// that is wrong on purpose (`make test-chaos`).
func TestWithoutItsMechanismsTheProductFailsTheAudit(t *testing.T) { // it needs the machine
	bin := wrongProgram(t)
	for without, want := range map[string][]string{
		"dedupe":     {"duplicated"},
		"arbiter":    {"lost", "duplicated", "gaps", "chain_breaks", "nonlinearizable"},
		"checkpoint": {"postgres_diff"},
		"claim":      {"sent_twice"},
		"person-gap": {"person_gap"},
	} {
		t.Run(without, func(t *testing.T) { // it needs the machine
			a, ok := chaos(t, bin, "--faults", "10", "--seed", "1", "--without", without)
			rose := ""
			for _, c := range want {
				if a.counters[c] > 0 {
					rose = c
				}
			}
			if ok || rose == "" || !strings.Contains(a.said, rose) {
				t.Errorf("without %s none of %v rose, or nothing was said of it (ok: %v, %v)\n%s", without, want, ok, a.counters, a.said)
			}
		})
	}
}

// TestWithoutWhatFollowsOutsideTheAuditFails leaves out, in one run, what each of those counters must see that is about what the log leads to outside: each must rise.
func TestWithoutWhatFollowsOutsideTheAuditFails(t *testing.T) { // it needs the machine
	bin := wrongProgram(t)
	a, ok := chaos(t, bin, "--faults", "10", "--seed", "1", "--without", "payments,webhooks,crm,ai,research,sendgrid,members,flags")
	for _, c := range []string{"billing_diff", "deliveries_lost", "crm_diff", "ai_cost_diff", "fact_diff", "sendgrid_diff", "flag_diff"} {
		if a.counters[c] == 0 || !strings.Contains(a.said, c) {
			t.Errorf("%s is %v, and must rise", c, a.counters[c])
		}
	}
	if a.counters["member_diff"]+a.counters["over_quota"] == 0 {
		t.Error("neither seats nor owners are missed")
	}
	for _, c := range []string{"duplicated", "ghost", "gaps", "chain_breaks", "sent_twice"} {
		if a.counters[c] != 0 {
			t.Errorf("%s is %v, and nothing that it sees is left out", c, a.counters[c])
		}
	}
	if ok {
		t.Error("the audit says that all is well")
	}
}

// wrongProgram is the build that is wrong on purpose.
func wrongProgram(t *testing.T) string {
	t.Helper()
	if os.Getenv(longVariable) == "" {
		t.Skip("make test-chaos runs this")
	}
	bin, err := overlay.Program(t.Context(), "..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestAReleasedBuildMakesNoControlRun(t *testing.T) {
	t.Parallel()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), bin, "chaos", "--without", "dedupe").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "make build-mutants") {
		t.Errorf("got %v, %s", err, out)
	}
}
