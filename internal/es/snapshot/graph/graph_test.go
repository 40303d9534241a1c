package graph_test

import (
	"bufio"
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"outrider/internal/es/snapshot/graph"
	"outrider/internal/zone"
)

// world has everything that a state may be made of.
type world struct {
	name    string
	number  int64
	small   [3]uint8
	raw     []byte
	none    []string
	empty   []string
	texts   []string
	rows    []row
	at      time.Time
	zero    time.Time
	local   time.Time
	fixed   time.Time
	berlin  *time.Location
	utc     *time.Location
	nowhere *time.Location
	people  map[[16]byte]*person
	byName  map[string]*person
	nothing map[string]int
	set     map[row]struct{}
	boxes   []*box
	timers  []*timer
	self    *world
	holds   holder
	deep    map[string]map[string][]int
}

type row struct {
	a int8
	b int64
	s string
}

type person struct {
	id    [16]byte
	best  *person
	box   *box
	score float64
}

type box struct {
	title string
	wake  timer
	owner *person
}

type timer struct {
	at  int64
	box *box
}

type holder interface{ hold() int }

type thing struct{ *inner }

type inner struct{ n int }

func (t thing) hold() int { return t.n }

func build(t *testing.T) *world {
	t.Helper()
	berlin, err := zone.Load("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 8, 0, 0, 123000, time.UTC)
	w := &world{name: "w", number: -5, small: [3]uint8{1, 2, 3}, raw: []byte{9, 8}, empty: []string{}, texts: []string{"a", "", "ccc"},
		rows: []row{{1, 2, "x"}, {3, 4, ""}}, at: at, local: at.In(berlin), fixed: at.In(time.FixedZone("", 3600)), berlin: berlin, utc: time.UTC,
		people: map[[16]byte]*person{}, byName: map[string]*person{}, set: map[row]struct{}{{1, 1, "1"}: {}},
		holds: thing{&inner{7}}, deep: map[string]map[string][]int{"a": {"b": {1, 2}, "c": nil}}}
	w.self = w
	for i := range byte(50) {
		p := &person{id: [16]byte{i}, score: float64(i) / 3}
		w.people[p.id], w.byName[string('a'+rune(i))] = p, p
		b := &box{title: string('A' + rune(i)), owner: p}
		b.wake = timer{at: int64(i), box: b}
		p.box = b
		w.boxes, w.timers = append(w.boxes, b), append(w.timers, &b.wake)
	}
	for i := range byte(50) {
		w.people[[16]byte{i}].best = w.people[[16]byte{(i + 1) % 50}] // one large circle
	}
	w.timers = append(w.timers, &timer{at: 99}) // one that lies nowhere else
	return w
}

func TestAValueComesBackWhole(t *testing.T) {
	t.Parallel()
	w := build(t)
	plan, err := graph.New(w)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to := bufio.NewWriter(&b)
	if err := errors.Join(plan.Write(to, w), to.Flush()); err != nil {
		t.Fatal(err)
	}
	written := append([]byte(nil), b.Bytes()...)
	got := &world{}
	if err := plan.Read(bufio.NewReader(&b), got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(w, got) {
		t.Fatalf("want %+v\ngot %+v", w, got)
	}
	if got.self != got || got.people[[16]byte{3}] != got.byName["d"] || got.people[[16]byte{49}].best != got.people[[16]byte{0}] {
		t.Error("what was one object is two")
	}
	if &got.boxes[4].wake != got.timers[4] || got.timers[4].box != got.boxes[4] {
		t.Error("a pointer to the inside of an object points elsewhere")
	}
	if got.utc != time.UTC || got.nowhere != nil || got.local.Location().String() != "Europe/Berlin" || !got.zero.IsZero() || got.none != nil || got.empty == nil || got.nothing != nil {
		t.Error("nothing and emptiness were mixed up")
	}
	for cut := range written {
		if err := plan.Read(bufio.NewReader(bytes.NewReader(written[:cut])), &world{}); err == nil {
			t.Fatalf("of %d bytes, %d were enough", len(written), cut)
		}
	}
}

func TestWhatCannotComeBackIsRefused(t *testing.T) {
	t.Parallel()
	for name, sample := range map[string]any{
		"a channel":                       &struct{ c chan int }{},
		"a function":                      &struct{ f func() }{},
		"an interface that holds nothing": &struct{ e error }{},
		"an element that is pointed to": &struct {
			rows []row
			one  *row
		}{},
		"no pointer": struct{}{},
	} {
		if _, err := graph.New(sample); !errors.Is(err, graph.ErrShape) {
			t.Errorf("%s: %v", name, err)
		}
	}
	shared := map[string]int{}
	two := &struct{ a, b map[string]int }{shared, shared}
	plan, err := graph.New(two)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Write(bufio.NewWriter(&bytes.Buffer{}), two); !errors.Is(err, graph.ErrShape) {
		t.Errorf("a map in two places: %v", err)
	}
}

func TestShapesDiffer(t *testing.T) {
	t.Parallel()
	shape := func(sample any) string {
		plan, err := graph.New(sample)
		if err != nil {
			t.Fatal(err)
		}
		return plan.Shape()
	}
	one, again := shape(build(t)), shape(build(t))
	if one != again {
		t.Error("one type has two shapes")
	}
	for name, other := range map[string]any{"renamed": &struct{ a, c int }{}, "swapped": &struct{ b, a int }{}, "another type": &struct {
		a int
		b uint
	}{}, "one more": &struct{ a, b, c int }{}} {
		if shape(&struct{ a, b int }{}) == shape(other) {
			t.Errorf("%s: the same shape", name)
		}
	}
}
