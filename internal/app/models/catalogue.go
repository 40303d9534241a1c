// Package models asks language models: those of the installation or of an organisation, within its budget, and with a ledger of what was asked and what it cost.
package models

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"outrider/events"
	"outrider/internal/llm"
)

// Listed is a model that the operator lets organisations use at the platform's endpoint.
type Listed struct {
	Name  string
	Price events.AIPrice
	Tasks []string // that it may have; none = all
}

// May reports whether the model may be chosen for a task.
func (l Listed) May(task string) bool { return len(l.Tasks) == 0 || slices.Contains(l.Tasks, task) }

// Catalogue is the operator's list of models.
type Catalogue struct {
	// Note says what whoever serves the platform's models keeps of what they are asked.
	Note   string
	models map[string]Listed
}

// DefaultNote is what is said where the operator says nothing.
const DefaultNote = "What models are asked is sent to whoever serves them. Ask the operator of this installation what is kept there, and for how long."

// NewCatalogue lists the models of which the price is known to the program.
func NewCatalogue() Catalogue {
	c := Catalogue{Note: DefaultNote, models: map[string]Listed{}}
	for name, price := range llm.Prices() {
		c.models[name] = Listed{Name: name, Price: events.AIPrice(price)}
	}
	return c
}

// ReadCatalogue reads an operator's file: {"note": "...", "models": {"name": {"input": 400000, "cached": 100000, "output": 1600000, "tasks": ["write"]}}}. Prices are in micro-dollars a million tokens.
func ReadCatalogue(file []byte) (Catalogue, error) {
	var in struct {
		Note   string
		Models map[string]struct {
			events.AIPrice
			Tasks []string
		}
	}
	if err := json.Unmarshal(file, &in); err != nil {
		return Catalogue{}, fmt.Errorf("read models: %w", err)
	}
	c := Catalogue{Note: in.Note, models: map[string]Listed{}}
	if c.Note == "" {
		c.Note = DefaultNote
	}
	for name, m := range in.Models {
		for _, task := range m.Tasks {
			if !slices.Contains(events.AITasks(), task) {
				return Catalogue{}, fmt.Errorf("read models: %s: there is no task %q", name, task)
			}
		}
		if min(m.Input, m.Cached, m.Output) < 0 {
			return Catalogue{}, fmt.Errorf("read models: %s: a price is below 0", name)
		}
		c.models[name] = Listed{Name: name, Price: m.AIPrice, Tasks: m.Tasks}
	}
	if len(c.models) == 0 {
		return Catalogue{}, fmt.Errorf("read models: there are none")
	}
	return c, nil
}

// With adds a model, or gives it another price.
func (c Catalogue) With(name string, price events.AIPrice) Catalogue {
	c.models = maps.Clone(c.models)
	c.models[name] = Listed{Name: name, Price: price}
	return c
}

// Find returns a model by its name.
func (c Catalogue) Find(name string) (Listed, bool) {
	l, ok := c.models[name]
	return l, ok
}

// List returns the models by name.
func (c Catalogue) List() (out []Listed) {
	for _, name := range slices.Sorted(maps.Keys(c.models)) {
		out = append(out, c.models[name])
	}
	return out
}
