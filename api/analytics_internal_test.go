package api

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/projections/analytics"
)

// setEach gives every number and string of a value one of its own.
func setEach(v reflect.Value, next *uint64) {
	*next++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			setEach(v.Field(i), next)
		}
	case reflect.Uint64:
		v.SetUint(*next)
	case reflect.Int:
		v.SetInt(int64(*next))
	case reflect.Float64:
		v.SetFloat(float64(*next))
	case reflect.String:
		v.SetString("s")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		setEach(v.Index(0), next)
	case reflect.Array:
		v.Set(reflect.ValueOf(uuid.UUID{byte(*next)}))
	}
}

func TestAnAnswerHasEveryFigureOfAReport(t *testing.T) {
	t.Parallel()
	var r analytics.Report
	var n uint64
	setEach(reflect.ValueOf(&r).Elem(), &n)
	answer := viewReport(r)
	for _, f := range []any{answer.Figures, answer.TimelineData[0], answer.Steps[0], answer.Variants[0], answer.Mailboxes[0]} {
		v := reflect.ValueOf(f)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%T lacks %s", f, v.Type().Field(i).Name)
			}
		}
	}
	seen := map[any]string{}
	figures := reflect.ValueOf(answer.Figures)
	for i := range figures.NumField() {
		name, value := figures.Type().Field(i).Name, figures.Field(i).Interface()
		if other, twice := seen[value]; twice {
			t.Errorf("%s and %s are the same figure", name, other)
		}
		seen[value] = name
	}
	empty, err := json.Marshal(viewReport(analytics.Report{}))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(empty, &fields); err != nil {
		t.Fatal(err)
	}
	if len(fields) != 20 || string(fields["timeline_data"]) != "[]" || string(fields["steps"]) != "[]" || string(fields["variants"]) != "[]" {
		t.Errorf("a report without anything is %s", empty)
	}
	var back gen.CampaignReport
	if err := json.Unmarshal(empty, &back); err != nil {
		t.Error(err)
	}
}
