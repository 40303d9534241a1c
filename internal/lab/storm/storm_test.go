package storm_test

import (
	"context"
	"flag"
	"os"
	"testing"
	"time"

	"outrider/internal/engines/enginestest"
	"outrider/internal/lab/mutants/overlay"
	"outrider/internal/lab/storm"
)

func TestMain(m *testing.M) {
	if storm.Child() {
		return
	}
	os.Exit(m.Run())
}

// long storms are those of make test-storm.
var long = flag.Bool("long", false, "let storms last longer")

func lasting(usually, longer time.Duration) time.Duration {
	if *long {
		return longer
	}
	return usually
}

// besideOthers has a short storm, which mostly waits for who was killed, blow beside others; a long one needs the machine.
func besideOthers(t *testing.T) {
	t.Helper()
	if !*long {
		t.Parallel()
	}
}

func run(t *testing.T, cfg storm.Config) storm.Result {
	t.Helper()
	cfg.Out = t.Output()
	if !*long && cfg.Control == "" {
		cfg.Clients, cfg.Think = 8, 20*time.Millisecond // as many faults, under a load that leaves something of the machine to other tests
	}
	if os.Getenv(enginestest.KafkaVariable) != "" {
		cfg.Apache = true               // its own, since it is killed
		cfg.Duration = 2 * cfg.Duration // Java takes its time to come back
	}
	ctx, cancel := context.WithTimeout(context.Background(), cfg.Duration+3*time.Minute)
	defer cancel()
	r, err := storm.Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	for _, e := range r.Examples {
		t.Log(e)
	}
	return r
}

func TestAStormLosesNothing(t *testing.T) {
	besideOthers(t)
	r := run(t, storm.Config{Duration: lasting(20*time.Second, time.Minute)})
	if f := r.Faults(); f != nil {
		t.Fatal(f)
	}
	if r.Accepted == 0 || r.Refused == 0 || r.Kills == 0 || r.BrokerKills == 0 {
		t.Fatal("the storm was no storm")
	}
}

// Owners begin from snapshots that are a moment old, or from what a standby has followed.
func TestAStormOverSnapshotsLosesNothing(t *testing.T) {
	besideOthers(t)
	r := run(t, storm.Config{Duration: lasting(20*time.Second, 40*time.Second), Snapshots: true})
	if f := r.Faults(); f != nil {
		t.Fatal(f)
	}
	if r.Accepted == 0 || r.Refused == 0 || r.Kills == 0 || r.BrokerKills == 0 || r.FromSnapshot == 0 {
		t.Fatal("the storm was no storm, or nobody began from a snapshot")
	}
}

func TestTheAuditFindsCommandsThatCountTwice(t *testing.T) { // which sets the environment
	d := lasting(10*time.Second, 20*time.Second)
	wrong, err := overlay.Program(t.Context(), "../../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("OUTRIDER_MUTANT", "dedupe") // processors decide again what they know
	if r := run(t, storm.Config{Duration: d, Control: wrong}); r.Twice == 0 {
		t.Fatal("without dedupe nothing counts twice: the audit can't be trusted")
	}
}
