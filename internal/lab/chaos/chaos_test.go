package chaos

import (
	"bufio"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// asked is a quota operation that was answered.
func asked(org uuid.UUID, call, ret time.Duration, status int, q quotaUse) op {
	return op{what: "enrol", org: org, command: es.NewID(), call: call, ret: ret, answered: true, status: status, quota: &q}
}

func TestHistoriesOfALimit(t *testing.T) {
	t.Parallel()
	const ok, over = http.StatusOK, http.StatusPaymentRequired
	org := es.NewID()
	full := asked(org, 0, 2, ok, quotaUse{limit: "leads", n: leadLimit - 1, got: leadLimit - 1})
	for name, x := range map[string]struct {
		ops   []op
		wrong int
	}{
		"one more than fits is cut":               {[]op{full, asked(org, 3, 4, ok, quotaUse{limit: "leads", n: 2, got: 1}), asked(org, 5, 6, over, quotaUse{limit: "leads", n: 1, used: leadLimit})}, 0},
		"at the same time, any order explains":    {[]op{full, asked(org, 3, 8, over, quotaUse{limit: "leads", n: 1, used: leadLimit}), asked(org, 3, 9, ok, quotaUse{limit: "leads", n: 1, got: 1})}, 0},
		"more than the limit":                     {[]op{full, asked(org, 3, 4, ok, quotaUse{limit: "leads", n: 2, got: 2})}, 1},
		"a place is given twice":                  {[]op{full, asked(org, 3, 4, ok, quotaUse{limit: "leads", n: 1, got: 1}), asked(org, 5, 6, ok, quotaUse{limit: "leads", n: 1, got: 1})}, 1},
		"refused before it was full":              {[]op{full, asked(org, 3, 4, over, quotaUse{limit: "leads", n: 1, used: leadLimit}), asked(org, 5, 6, ok, quotaUse{limit: "leads", n: 1, got: 1})}, 1},
		"a refusal that counts otherwise":         {[]op{full, asked(org, 3, 4, ok, quotaUse{limit: "leads", n: 1, got: 1}), asked(org, 5, 6, over, quotaUse{limit: "leads", n: 1, used: leadLimit - 1})}, 1},
		"an answer that never came may be either": {[]op{full, {what: "enrol", org: org, call: 1, quota: &quotaUse{limit: "leads", n: 1}}, asked(org, 5, 6, over, quotaUse{limit: "leads", n: 1, used: leadLimit})}, 0},
		"what is given back can be taken again": {[]op{asked(org, 0, 1, 201, quotaUse{limit: "mailboxes", n: 1, got: 1}), asked(org, 2, 3, 204, quotaUse{limit: "mailboxes", n: -1, got: -1}),
			asked(org, 4, 5, 201, quotaUse{limit: "mailboxes", n: 1, got: 1})}, 0},
	} {
		var res Result
		checkLinearizable(t.Context(), x.ops, &res)
		if res.Nonlinearizable != x.wrong || res.Checked != len(x.ops) {
			t.Errorf("%s: %d histories have no order, of %d operations: %v", name, res.Nonlinearizable, res.Checked, res.Examples)
		}
	}
}

func TestAnswersAreHeldAgainstTheLog(t *testing.T) {
	t.Parallel()
	id := es.NewID()
	at := func(pseq int64) es.Position { return es.Position{Generation: 1, Pseq: pseq} }
	has := func(o es.Outcome) map[uuid.UUID]decision { return map[uuid.UUID]decision{id: {o, 7}} }
	for name, x := range map[string]struct {
		told        op
		log         map[uuid.UUID]decision
		lost, ghost int
	}{
		"accepted and there":              {op{status: 201, position: at(7)}, has(es.Accepted), 0, 0},
		"accepted and nothing to do":      {op{status: 200, position: at(7)}, has(es.Noop), 0, 0},
		"refused and refused":             {op{status: 402, position: at(7)}, has(es.Refused), 0, 0},
		"refused before it was a command": {op{status: 422}, nil, 0, 0},
		"accepted and not there":          {op{status: 201, position: at(7)}, nil, 1, 0},
		"accepted and refused":            {op{status: 201, position: at(7)}, has(es.Refused), 1, 0},
		"accepted elsewhere":              {op{status: 201, position: at(8)}, has(es.Accepted), 1, 0},
		"refused and not there":           {op{status: 409, position: at(7)}, nil, 1, 0},
		"refused and accepted":            {op{status: 409}, has(es.Accepted), 0, 1},
	} {
		x.told.answered, x.told.command = true, id
		l := &load{clients: []*client{{ops: []op{x.told}}}}
		var res Result
		l.compareAnswers(&logContent{commands: x.log}, &res)
		if res.Lost != x.lost || res.Ghost != x.ghost {
			t.Errorf("%s: lost %d, ghost %d", name, res.Lost, res.Ghost)
		}
	}
}

func TestSilenceIsMeasuredWhereItBegan(t *testing.T) {
	t.Parallel()
	o := func(call, ret int) op {
		return op{command: es.NewID(), call: time.Duration(call) * time.Second, ret: time.Duration(ret) * time.Second, answered: true, status: 200}
	}
	l := &load{s: &system{}, clients: []*client{{ops: []op{o(0, 1), o(1, 10), o(10, 11), o(11, 30), o(30, 31)}}}}
	res := Result{Unavailable: map[string]float64{}, Slowest: map[string]float64{}}
	l.measureLatency(&res, []window{{kind: "kill_broker", from: 2 * time.Second, to: 11 * time.Second}})
	if res.Unavailable["kill_broker"] != 9 || res.Slowest["kill_broker"] != 9 || res.Acknowledged != 5 {
		t.Errorf("got %v, %v, %d", res.Unavailable, res.Slowest, res.Acknowledged)
	}
}

func TestEveryKindComesOnceBeforeAnyComesAgain(t *testing.T) {
	t.Parallel()
	kinds := Kinds()
	deal := func(seed uint64) (out []string) {
		w := faultPlan{s: &system{}, chance: rand.New(rand.NewPCG(seed, 1))}
		for _, f := range w.dealFaults(2 * len(kinds)) {
			out = append(out, f.kind)
		}
		return out
	}
	one := deal(1)
	for _, half := range [][]string{slices.Clone(one[:len(kinds)]), slices.Clone(one[len(kinds):])} {
		if slices.Sort(half); len(slices.Compact(half)) != len(kinds) {
			t.Errorf("got %v", half)
		}
	}
	if !slices.Equal(one, deal(1)) || slices.Equal(one, deal(2)) {
		t.Error("the same seed must give the same faults, another one others")
	}
}

func TestACutEndsConnectionsAndIsMended(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	p, err := newProxy("echo", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stopProxy)
	echo := func() (net.Conn, error) {
		c, err := net.Dial("tcp", p.listenAddress())
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, "hello\n"); err != nil {
			return nil, err
		}
		line, err := bufio.NewReader(c).ReadString('\n')
		if line != "hello\n" {
			t.Errorf("got %q", line)
		}
		return c, err
	}
	c, err := echo()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cutFor(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection outlived the cut")
	}
	if _, err := echo(); err != nil {
		t.Errorf("after the cut: %v", err)
	}
}

func TestASignalReachesTheWholeTree(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", "sleep 60 & echo started; wait")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "started" {
		t.Fatal(line, err)
	}
	if len(childrenOfAll()[cmd.Process.Pid]) != 1 {
		_ = cmd.Process.Kill()
		t.Skip("no /proc on this system")
	}
	if err := signalTree(cmd.Process.Pid, 9); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := io.ReadAll(out); err != nil && !strings.Contains(err.Error(), "closed") { // ends when the child's end of the pipe does
		t.Fatal(err)
	}
}
