package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"outrider/internal/lab/chaos"
)

// Chaos is `outrider chaos`.
type Chaos struct {
	Broker  string   `default:"embedded" enum:"embedded,apache,apache3" help:"What holds the log: ${enum} (one broker or three of Apache Kafka; see make kafka)."`
	Faults  int      `default:"30" help:"How many faults, each soon after the recovery from the one before."`
	Seed    uint64   `default:"1" help:"Of what is done to whom, and of what clients ask."`
	Clients int      `default:"12" help:"Clients, each of which asks again when it is answered."`
	Only    []string `help:"Kinds of faults; default: all." placeholder:"KIND"`
	Without string   `help:"Leave a mechanism out (dedupe, arbiter, checkpoint, claim, person-gap, payments, webhooks, crm, ai, research, sendgrid, members, flags; several with commas), so that the audit must fail; only in bin/outrider-mutants." placeholder:"WHAT"`
	Leave   []string `help:"Parts of the load to leave away: sendgrid, research." placeholder:"PART"`
	In      string   `help:"Data folder to use and keep; default: one that goes afterwards, unless something is wrong." placeholder:"DIR"`
	JSON    bool     `help:"Print one line of JSON."`
}

// Run exits with status 1 and names the counters that are above zero.
func (c Chaos) Run(ctx context.Context) error {
	without, err := leftOutFor(c.Without)
	if err != nil {
		return err
	}
	if c.Without != "" && c.Only == nil {
		c.Only = troubleOf(c.Without)
	}
	dir, gone, err := scratchFolder(c.In)
	if err != nil {
		return err
	}
	if there, _ := os.ReadDir(dir); len(there) > 0 {
		return fmt.Errorf("--in %s: it must be empty or new, as the audit is about this run alone", dir)
	}
	var broker chaos.Start
	switch c.Broker {
	case "apache":
		broker = chaos.Apache(1)
	case "apache3":
		broker = chaos.Apache(3)
	}
	cfg := chaos.Config{Broker: broker, Dir: dir, Faults: c.Faults, Seed: c.Seed, Clients: c.Clients, Only: c.Only, Leave: c.Leave, Without: without, Out: os.Stderr}
	res, err := chaos.Run(ctx, cfg)
	res.Broker, res.Seed, res.Without = c.Broker, c.Seed, c.Without
	wrong := res.Wrong()
	if err == nil && len(wrong) == 0 {
		gone()
	} else {
		fmt.Fprintln(os.Stderr, "the data folder is kept:", dir)
	}
	if err != nil {
		return err
	}
	if err := c.printResult(os.Stdout, res); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return errors.New("the audit failed: " + strings.Join(wrong, ", "))
	}
	return nil
}

func (c Chaos) printResult(w io.Writer, res chaos.Result) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(res)
	}
	b, err := json.MarshalIndent(res, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

// troubleOf is what a mechanism is there for: without it, these do harm.
func troubleOf(without string) []string {
	switch without {
	case "arbiter":
		return []string{"freeze_processor"}
	case "checkpoint":
		return []string{"freeze_projector", "kill_projector"}
	case "claim":
		return []string{"kill_consumer", "freeze_consumer"}
	}
	return []string{"kill_processor", "stop_processor", "freeze_processor"}
}
