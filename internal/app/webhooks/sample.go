package webhooks

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// sampleTexts are what texts of samples say, by the name of their member.
func sampleTexts() map[string]string {
	return map[string]string{"source": "csv_upload", "how": "link", "kind": "hard", "reason": "replied", "by": "human", "from": "lead", "meaning": "interested", "was": "other", "time_zone": "Europe/Berlin", "outcome": "held"}
}

// Sample returns a body as it is delivered, with ids that are nobody's.
func (k Kind) Sample() (json.RawMessage, error) {
	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	data := reflect.New(reflect.TypeOf(k.Zero)).Elem()
	fillSample(data, "", at)
	encoded, err := es.Marshal(data.Interface())
	if err != nil {
		return nil, fmt.Errorf("make sample of %s: %w", k.Name, err)
	}
	b, err := json.Marshal(Payload{ID: sampleID("event"), Type: k.Name, Timestamp: at, OrganizationID: sampleID("organization_id"), Data: encoded})
	if err != nil {
		return nil, fmt.Errorf("make sample of %s: %w", k.Name, err)
	}
	return b, nil
}

func sampleID(name string) uuid.UUID { return es.DeriveID(uuid.Nil, "sample", name) }

func fillSample(v reflect.Value, name string, at time.Time) {
	switch v.Interface().(type) {
	case uuid.UUID:
		v.Set(reflect.ValueOf(sampleID(name)))
		return
	case time.Time:
		v.Set(reflect.ValueOf(at))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			fillSample(v.Field(i), name, at)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillSample(v.Elem(), name, at)
	case reflect.String:
		v.SetString(sampleTexts()[name])
	case reflect.Int:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	}
}
