package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/es"
	"outrider/internal/identity"
)

// mySettings answers what people set for themselves.
type mySettings struct{ kept *identity.PersonSettings }

func forMySettings(handle func(*mySettings, *call) error) handler {
	return func(s *Server, c *call) error {
		if s.cfg.SignIn == nil || s.cfg.SignIn.Settings == nil {
			return unavailableProblem(codeUnavailable, errors.New("nobody signs in here"))
		}
		return handle(&mySettings{s.cfg.SignIn.Settings}, c)
	}
}

// maxSetting bounds what a person sets, in bytes.
const maxSetting = 16 << 10

// settingOrg is for which organisation a kind is set.
func settingOrg(c *call, kind string) uuid.UUID {
	if kind == identity.SettingPreferences {
		return uuid.Nil
	}
	return c.who.Org
}

func getMySetting(kind string) func(*mySettings, *call) error {
	return func(m *mySettings, c *call) error {
		value, err := m.kept.Get(c.ctx, c.who.Person, settingOrg(c, kind), kind)
		if err != nil {
			return err
		}
		if value == nil {
			if value = json.RawMessage(`{}`); kind == identity.SettingPreferences {
				value = json.RawMessage(`{"values":{}}`)
			}
		}
		return c.answerJSON(http.StatusOK, value)
	}
}

func setMySetting(kind string) func(*mySettings, *call) error {
	return func(m *mySettings, c *call) error {
		if len(c.raw) > maxSetting {
			return invalidProblem(gen.FieldError{Field: "body", Reason: "is longer than 16 kB"})
		}
		if err := m.kept.Set(c.ctx, c.who.Person, settingOrg(c, kind), kind, c.raw); err != nil {
			return err
		}
		return getMySetting(kind)(m, c)
	}
}

func (m *mySettings) listViews(c *call) error {
	views, err := m.kept.Views(c.ctx, c.who.Person, c.who.Org, c.textParam("page"))
	if err != nil {
		return err
	}
	out := gen.ViewList{Data: make([]gen.View, len(views))}
	for i, v := range views {
		if out.Data[i], err = viewOf(c, v); err != nil {
			return err
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

// viewValue is what is stored of a view besides its name.
type viewValue struct {
	Query   map[string]string `json:"query"`
	Columns []string          `json:"columns,omitempty"`
}

func viewOf(c *call, v *identity.SavedView) (gen.View, error) {
	var value viewValue
	err := json.Unmarshal(v.Value, &value)
	if value.Query == nil {
		value.Query = map[string]string{}
	}
	return gen.View{Page: v.Page, Name: v.Name, Shared: v.Shared, Query: value.Query, Columns: value.Columns, ID: v.ID, Mine: v.Person == c.who.Person, UpdatedAt: v.UpdatedAt.UTC()}, err
}

func (m *mySettings) createView(c *call, body gen.ViewWrite) error {
	if c.who.Org == uuid.Nil {
		return newProblem(codeForbidden, "you are a member of no organisation")
	}
	v, _, err := m.save(c, es.NewID(), body, true)
	if err != nil {
		return err
	}
	return c.answerCreated(v, "/v1/me/views", 0)
}

func (m *mySettings) updateView(c *call, id uuid.UUID, body gen.ViewWrite) error {
	v, there, err := m.save(c, id, body, false)
	if err != nil {
		return err
	}
	if !there {
		return notFoundProblem()
	}
	return c.answerJSON(http.StatusOK, v)
}

func (m *mySettings) save(c *call, id uuid.UUID, body gen.ViewWrite, isNew bool) (out gen.View, there bool, err error) {
	value, err := json.Marshal(viewValue{body.Query, body.Columns})
	if err != nil {
		return out, false, err
	}
	v := &identity.SavedView{ID: id, Org: c.who.Org, Person: c.who.Person, Page: body.Page, Name: body.Name, Shared: body.Shared, Value: value}
	there, err = m.kept.SaveView(c.ctx, v, isNew)
	if errors.Is(err, identity.ErrTooManyViews) {
		return out, false, invalidProblem(gen.FieldError{Field: "name", Reason: "there are 200 views already; remove one first"})
	}
	if err != nil {
		return out, false, err
	}
	out, err = viewOf(c, v)
	return out, there, err
}

func (m *mySettings) removeView(c *call, id uuid.UUID) error {
	there, err := m.kept.RemoveView(c.ctx, c.who.Person, c.who.Org, id)
	if err != nil {
		return err
	}
	if !there {
		return notFoundProblem()
	}
	return c.answerNothing()
}
