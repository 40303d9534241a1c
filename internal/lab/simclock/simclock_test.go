package simclock_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"outrider/internal/lab/simclock"
)

const participantArgument = "test-participant"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == participantArgument {
		takePart(os.Args[2])
		return
	}
	goleak.VerifyTestMain(m)
}

// takePart is a process that never gets ready: it says that it is there and waits to be killed.
func takePart(address string) {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		err = json.NewEncoder(conn).Encode(map[string]any{"name": "victim", "busy": 1, "activity": 1})
	}
	if err == nil {
		_, err = bufio.NewReader(conn).ReadString('\n')
	}
	fmt.Println("joined", err)
	select {}
}

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func coordinator(t *testing.T, o simclock.Options) *simclock.Coordinator {
	t.Helper()
	o.Start = start
	c, err := simclock.Listen("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func join(t *testing.T, c *simclock.Coordinator, name string) *simclock.Participant {
	t.Helper()
	p, err := simclock.Dial(t.Context(), c.Addr(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(); <-p.Gone() })
	return p
}

func TestTimeJumpsToWhatIsDueInOrder(t *testing.T) {
	t.Parallel()
	c := coordinator(t, simclock.Options{})
	a, b := join(t, c, "a"), join(t, c, "b")
	var mu sync.Mutex
	var seen []string
	end := make(chan struct{})
	note := func(p *simclock.Participant, name string) func() {
		return func() {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, name+" "+p.Now().Sub(start).String())
		}
	}
	a.At(start.Add(3*time.Hour), note(a, "a"))
	b.At(start.Add(time.Hour), note(b, "b"))
	b.At(start.Add(2*time.Hour), func() {
		note(b, "b")()
		b.At(start.Add(150*time.Minute), note(b, "b"))
	})
	cancelled := a.At(start.Add(30*time.Minute), note(a, "never"))
	a.At(start.Add(20*24*time.Hour), func() { close(end) })
	if !cancelled() || cancelled() {
		t.Error("a timer must be taken back once")
	}
	a.Ready()
	b.Ready()
	<-end
	if want := []string{"b 1h0m0s", "b 2h0m0s", "b 2h30m0s", "a 3h0m0s"}; !slices.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}

// Work is handed from one to the other over TCP, as the server and the simulator do, thousands of times; nobody may ever see
// time move while a piece of work is under way.
func TestTimeStandsStillWhileAnythingIsInFlight(t *testing.T) {
	t.Parallel()
	c := coordinator(t, simclock.Options{Expect: []string{"a", "b"}})
	a, b := join(t, c, "a"), join(t, c, "b")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for in := bufio.NewReader(conn); ; {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			done := b.Busy() // before it answers
			fmt.Fprintln(conn, "taken")
			serving.Go(func() { // and works after
				defer done()
				if at := b.Now().Format(time.RFC3339Nano); at != strings.TrimSpace(line) {
					t.Errorf("work of %s was done at %s", strings.TrimSpace(line), at)
				}
			})
		}
	})
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	end := make(chan struct{})
	var next func(i int) func()
	next = func(i int) func() {
		return func() {
			fmt.Fprintln(conn, a.Now().Format(time.RFC3339Nano))
			if _, err := in.ReadString('\n'); err != nil {
				t.Error(err)
			}
			if i == 3000 {
				close(end)
				return
			}
			a.At(a.Now().Add(time.Second), next(i+1))
		}
	}
	a.At(start, next(1))
	a.Ready()
	b.Ready()
	<-end
	_, _ = conn.Close(), l.Close()
	serving.Wait()
	if got := a.Now(); !got.Equal(start.Add(2999 * time.Second)) {
		t.Errorf("it is %s", got)
	}
	t.Logf("%d moves", c.Moves())
}

func TestAnExpectedParticipantThatIsKilledHoldsTimeUntilItIsBack(t *testing.T) {
	t.Parallel()
	c := coordinator(t, simclock.Options{Expect: []string{"a", "victim"}})
	a := join(t, c, "a")
	fired := make(chan struct{})
	a.At(start.Add(time.Hour), func() { close(fired) })
	a.Ready()

	cmd := exec.Command(os.Args[0], participantArgument, c.Addr())
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "joined <nil>\n" {
		t.Fatal(line, err)
	}
	if got := c.Holding(); !slices.Equal(got, []string{"victim"}) {
		t.Fatalf("held by %v", got)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for !slices.Equal(c.Holding(), []string{"victim (away)"}) {
		time.Sleep(time.Millisecond) // until the connection's end has arrived
	}
	select {
	case <-fired:
		t.Fatal("time moved although the victim is away")
	default:
	}
	again := join(t, c, "victim")
	if !again.Now().Equal(start) {
		t.Errorf("it came back at %s", again.Now())
	}
	again.Ready()
	<-fired
	if !again.Now().Equal(start.Add(time.Hour)) {
		t.Errorf("the victim thinks it is %s", again.Now())
	}
}

func TestSpeedIsACap(t *testing.T) {
	t.Parallel()
	c := coordinator(t, simclock.Options{Speed: 10})
	a := join(t, c, "a")
	began := time.Now()
	fired := make(chan struct{})
	a.At(start.Add(2*time.Second), func() { close(fired) })
	a.Ready()
	<-fired
	if took := time.Since(began); took < 190*time.Millisecond {
		t.Errorf("two seconds at ten times speed took %s", took)
	}
	c.SetSpeed(0)
	far := make(chan struct{})
	a.At(start.Add(1000*time.Hour), func() { close(far) })
	<-far
}

func TestWhatFallsDueInOneGrainBeginsTogetherAtItsEnd(t *testing.T) {
	t.Parallel()
	c := coordinator(t, simclock.Options{Grain: time.Minute})
	a, b := join(t, c, "a"), join(t, c, "b")
	var mu sync.Mutex
	seen := map[string]string{}
	end := make(chan struct{})
	for name, due := range map[string]time.Duration{"early": 61 * time.Second, "late": 90 * time.Second, "sharp": 2 * time.Minute, "after": 2*time.Minute + time.Microsecond} {
		who := a
		if name == "late" {
			who = b
		}
		who.At(start.Add(due), func() {
			mu.Lock()
			defer mu.Unlock()
			seen[name] = who.Now().Sub(start).String()
		})
	}
	a.At(start.Add(time.Hour), func() { close(end) })
	a.Ready()
	b.Ready()
	<-end
	if want := map[string]string{"early": "2m0s", "late": "2m0s", "sharp": "2m0s", "after": "3m0s"}; !maps.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
	if n := c.Moves(); n != 3 {
		t.Errorf("time moved %d times", n)
	}
}

// TestTimeStandsStillWhileSomebodyPausesIt lets a participant pause time, slow it down and let it go on.
func TestTimeStandsStillWhileSomebodyPausesIt(t *testing.T) {
	c := coordinator(t, simclock.Options{Expect: []string{"a", "b"}})
	a, b := join(t, c, "a"), join(t, c, "b")
	until := func(what string, done func() bool) {
		t.Helper()
		for late := time.Now().Add(5 * time.Minute); !done(); time.Sleep(time.Millisecond) {
			if time.Now().After(late) {
				t.Fatal(what)
			}
		}
	}
	a.AskPace(0, true)
	until("nobody hears of the pause", func() bool { return c.Pace().Paused && b.Pace().Paused })
	ran := make(chan struct{})
	a.At(start.Add(time.Hour), func() { close(ran) })
	a.Ready()
	b.Ready()
	until("somebody is busy", func() bool { return len(c.Holding()) == 0 })
	for range 50 {
		if c.Moves() != 0 {
			t.Fatal("time moves while it is paused")
		}
		time.Sleep(time.Millisecond)
	}
	b.AskPace(1e6, false)
	<-ran
	if p := a.Pace(); p.Paused || p.Speed != 1e6 || !c.Now().Equal(start.Add(time.Hour)) {
		t.Errorf("got %+v at %s", p, c.Now())
	}
	c.SetPace(simclock.Pace{Speed: 2, From: start, To: start.Add(time.Hour)})
	until("nobody hears of the new pace", func() bool { return b.Pace() == simclock.Pace{Speed: 2, From: start, To: start.Add(time.Hour)} })
}
