package snapshot_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/es/snapshot/graph"
)

// filler sets every field that can be reached, unexported ones too.
type filler struct {
	n       int64
	objects map[reflect.Type][]reflect.Value // pointers, to point to again
	set     map[string]bool                  // by type and field: is not zero somewhere
}

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(f.n, 1000).UTC()))
		return
	case reflect.TypeFor[*time.Location]():
		v.Set(reflect.ValueOf(time.UTC))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(f.n%100 + 1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(f.n%100 + 1))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(f.n))
	case reflect.String:
		v.SetString(fmt.Sprint("text ", f.n))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0))
		f.fill(v.Index(1))
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key)
		f.fill(value)
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		f.point(v)
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			field = reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
			f.fill(field)
			name := v.Type().String() + "." + v.Type().Field(i).Name
			f.set[name] = f.set[name] || !field.IsZero()
		}
	case reflect.Interface: // it holds what the sample held
		in := reflect.New(v.Elem().Type()).Elem()
		f.fill(in)
		v.Set(in)
	default:
		panic(v.Type().String())
	}
}

// point makes three objects of a type, then points to one of them again.
func (f *filler) point(v reflect.Value) {
	made := f.objects[v.Type()]
	if len(made) == 3 {
		v.Set(made[f.n%3])
		return
	}
	p := reflect.New(v.Type().Elem())
	f.objects[v.Type()] = append(made, p)
	v.Set(p)
	f.fill(p.Elem())
}

// TestNoFieldOfTheStateIsLeftOut fills all that the kernel and the domain keep of an organisation, down to the last
// unexported field, and compares what comes back. Time that is UTC comes back as time.UTC, which is what is filled in.
func TestNoFieldOfTheStateIsLeftOut(t *testing.T) {
	t.Parallel()
	state, back := es.Sample(commands.Domain()), es.Sample(commands.Domain())
	f := &filler{objects: map[reflect.Type][]reflect.Value{}, set: map[string]bool{}}
	f.fill(reflect.ValueOf(state).Elem())
	for name, set := range f.set {
		if !set {
			t.Errorf("%s could not be filled; it is not tested", name)
		}
	}
	t.Logf("%d fields", len(f.set))
	for _, known := range []string{"es.organization.chain", "es.answerHistory.order", "aggregates.Mailbox.sends", "aggregates.Enrollment.flags", "aggregates.timer.at", "aggregates.Quota.counted"} {
		if !f.set[known] {
			t.Errorf("%s was not reached", known)
		}
	}
	plan, err := graph.New(es.Sample(commands.Domain()))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to := bufio.NewWriter(&b)
	if err := errors.Join(plan.Write(to, state), to.Flush()); err != nil {
		t.Fatal(err)
	}
	reflect.ValueOf(back).Elem().SetZero()
	if err := plan.Read(bufio.NewReader(&b), back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(state, back) {
		t.Fatal("what came back is not what was written")
	}
}
