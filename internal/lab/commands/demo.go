package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"outrider/internal/app/node"
	"outrider/internal/lab/demo"
)

// Demo shows a whole campaign: leads from a file, mailboxes, a sequence of three steps, and people who answer, in simulated time.
type Demo struct {
	Leads     string `type:"existingfile" help:"CSV file with an e-mail column; default: 1,000 made-up leads." placeholder:"FILE"`
	Days      int    `default:"21" help:"Simulated days."`
	Seed      uint64 `default:"1" help:"Decides what people do."`
	Start     string `default:"2026-03-02" help:"The first day, beginning at midnight UTC." placeholder:"DATE"`
	Mailboxes int    `help:"How many; default: as many as fit."`
	Cap       int    `help:"Messages of a mailbox a day; default 30." placeholder:"N"`
	Plan      string `help:"starter, growth, scale or enterprise; default: the smallest that fits." placeholder:"PLAN"`
	node.PlanFile
	Kafka     string         `default:"embedded" enum:"embedded,apache" help:"embedded, or apache: a real Apache Kafka (make kafka)."`
	KillEvery time.Duration  `help:"Kill the server with SIGKILL so often, in real time, and at least twice, and start it again." placeholder:"DURATION"`
	Poll      time.Duration  `default:"10m" help:"How often mailboxes are read, in simulated time."`
	Speed     float64        `help:"At most so many simulated seconds in a real one; 0 = as fast as it goes."`
	Grain     *time.Duration `help:"What falls due within so much simulated time happens together, at its end; 0 = everything at its own time. Default: 0 up to 2,000 leads, 1m for more." placeholder:"DURATION"`
	Timeout   time.Duration  `default:"6h" help:"Give up after so much real time."`
	Behaviour string         `default:"usual" enum:"usual,all" help:"What people and their mail servers do: usual, or all: also what goes wrong."`
	AI        bool           `name:"ai" help:"Research, score, write and check with a language model: a stand-in on this machine, which costs nothing and makes something up now and then. 240 made-up leads by default."`
	AIEnv     bool           `name:"ai-env" help:"Likewise, with the language model that the environment names (OPENAI_API_KEY and so on), at your cost."`
	CRM       bool           `name:"crm" help:"Connect the organisation to a CRM (a stand-in of HubSpot), and compare what it holds in the end with the log."`
	Calendar  bool           `default:"true" negatable:"" help:"Meet people by a calendar (a stand-in of Google Calendar), and compare what stands in it with the meetings."`
	SendGrid  *int           `name:"sendgrid" help:"How many mailboxes send through SendGrid (a stand-in); default: one in four." placeholder:"N"`
	JSON      bool           `help:"Print one line of JSON."`
}

// defaultData is Folder's; a demonstration wants a fresh folder, so by default it makes one.
const defaultData = ".outrider"

// Run ends with status 1 unless everything that happened is what the product says, and nothing that it must not do happened.
func (c Demo) Run(ctx context.Context, f *node.Folder) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("the demonstration took longer than %s", c.Timeout))
	defer cancel()
	data, gone, err := freshFolder(f.Data)
	if err != nil {
		return err
	}
	defer gone()
	start, err := time.Parse(time.DateOnly, c.Start)
	if err != nil {
		return fmt.Errorf("--start %s: must be a date like 2026-03-02", c.Start)
	}
	if c.Days < 1 {
		return errors.New("--days must be 1 or more")
	}
	if c.Grain != nil && *c.Grain < 0 {
		return errors.New("--grain must not be negative")
	}
	o := demo.PlayOptions{Data: data, Seed: c.Seed, Start: start, Days: c.Days, Poll: c.Poll, Speed: c.Speed, Grain: c.Grain, KillEvery: c.KillEvery, AI: c.model(), CRM: c.CRM, Calendar: c.Calendar, SendGrid: c.SendGrid,
		Leads: c.Leads, Mailboxes: c.Mailboxes, PerDay: c.Cap, Plan: c.Plan, Behaviour: c.Behaviour, ServerFlags: []string{"--kafka", c.Kafka}}
	if c.Plans != "" {
		o.ServerFlags = append(o.ServerFlags, "--plans", c.Plans)
	}
	r, err := demo.Play(ctx, o)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
			err = errors.Join(cause, err)
		}
		return err
	}
	return c.printReport(r)
}

// model says which language model is used.
func (c Demo) model() string {
	switch {
	case c.AIEnv:
		return demo.AIEnvironment
	case c.AI:
		return demo.AIStandIn
	}
	return demo.AINone
}

func (c Demo) printReport(r demo.Report) error {
	if c.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	} else {
		r.Table(os.Stdout)
	}
	faults := r.Faults()
	for _, why := range faults {
		fmt.Fprintln(os.Stderr, "outrider demo:", why)
	}
	if len(faults) > 0 {
		return node.ErrReported
	}
	return nil
}

// freshFolder is a folder without anything in it. By default it is a temporary one, which gone removes.
func freshFolder(named string) (data string, gone func(), err error) {
	if named == defaultData {
		data, err = os.MkdirTemp("", "outrider-demo-")
		if err != nil {
			return "", nil, fmt.Errorf("make a folder for the demonstration: %w", err)
		}
		return data, func() { _ = os.RemoveAll(data) }, nil
	}
	if err := os.MkdirAll(named, 0o700); err != nil {
		return "", nil, fmt.Errorf("make %s: %w", named, err)
	}
	entries, err := os.ReadDir(named)
	if err != nil {
		return "", nil, fmt.Errorf("look into %s: %w", named, err)
	}
	if len(entries) > 0 {
		return "", nil, fmt.Errorf("%s isn't empty: a demonstration begins in a fresh folder; name another with --data, or none", named)
	}
	data, err = filepath.Abs(named)
	if err != nil {
		return "", nil, fmt.Errorf("data folder: %w", err)
	}
	return data, func() {}, nil
}
