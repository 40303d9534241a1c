package template

import (
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
)

// shelfSize is how many templates a shelf keeps; each takes some ten kilobytes.
const shelfSize = 512

// Shelf keeps templates that were parsed with no options: a campaign's are filled in thousands of times, and parsing takes many times as long.
// The zero value is empty, a nil one keeps nothing; safe for many goroutines.
type Shelf struct {
	once sync.Once
	kept *lru.Cache[string, *Template]
}

// Parse is the package's Parse with the zero Options.
func (s *Shelf) Parse(source string) (*Template, error) {
	if s == nil {
		return Parse(source, Options{})
	}
	s.once.Do(func() { s.kept, _ = lru.New[string, *Template](shelfSize) }) // fails for sizes below 1 only
	if t, ok := s.kept.Get(source); ok {
		return t, nil
	}
	t, err := Parse(source, Options{})
	if err == nil {
		s.kept.Add(source, t)
	}
	return t, err
}
