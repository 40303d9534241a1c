// Package modelserver stands in for who serves language models: OpenAI's form of answers, by rules instead of a model. It counts what it was asked, and goes wrong on purpose.
package modelserver

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Mode is how the next requests are answered.
type Mode string

// The modes.
const (
	Answers    Mode = ""            // well
	Fails      Mode = "fails"       // 500
	RateLimits Mode = "rate_limits" // 429
	NoCredit   Mode = "no_credit"   // 429 that waiting doesn't mend
	WrongKey   Mode = "wrong_key"   // 401
	CutsShort  Mode = "cuts_short"  // the limit of tokens is reached
	NoJSON     Mode = "no_json"     // text where an object is wanted
	Vanishes   Mode = "vanishes"    // it works, and the connection breaks before the answer
	Hangs      Mode = "hangs"       // until the client goes
)

const largestBody = 8 << 20

// Server serves one model, whatever it is called. The zero value is ready.
type Server struct {
	// Answer makes the text of an answer; nil = Obedient.
	Answer func(system, user string) string
	// What a million tokens cost, in USD micro-units.
	InputPrice, OutputPrice int64

	mu     sync.Mutex
	mode   Mode
	turns  int // that the mode holds for; 0 = for good
	asked  map[string]int
	paid   map[string]int64 // tokens by id of request, of those that were worked on
	bill   int64
	prompt []string
	keys   []string
}

// Set makes the next requests go wrong: times of them, or all (0).
func (s *Server) Set(mode Mode, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode, s.turns = mode, times
}

// Asked returns how often each request was made, by the id that the client gave it.
func (s *Server) Asked() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.asked)
}

// Paid returns the tokens that were used for each request that was worked on.
func (s *Server) Paid() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.paid)
}

// Bill returns what all requests that were worked on cost, in USD micro-units; each is rounded up.
func (s *Server) Bill() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bill
}

// Prompts returns what was asked, in order.
func (s *Server) Prompts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.prompt)
}

// Keys returns the keys that were given, each once.
func (s *Server) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.keys)
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type request struct {
	Model    string    `json:"model"`
	Messages []message `json:"messages"`
}

// ServeHTTP answers chat completions; GET /stats says what was asked.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/stats" {
		writeJSON(w, http.StatusOK, map[string]any{"asked": s.Asked(), "paid": s.Paid()})
		return
	}
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/chat/completions") {
		http.NotFound(w, r)
		return
	}
	var in request
	if err := json.NewDecoder(io.LimitReader(r.Body, largestBody)).Decode(&in); err != nil || len(in.Messages) == 0 {
		writeError(w, http.StatusBadRequest, "invalid_request_error", "")
		return
	}
	s.answer(w, r, in)
}

// take counts a request, and says how it is answered.
func (s *Server) take(r *http.Request, in request) Mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked, s.paid = map[string]int{}, map[string]int64{}
	}
	s.asked[r.Header.Get("X-Client-Request-Id")]++
	s.prompt = append(s.prompt, in.Messages[len(in.Messages)-1].Content)
	if key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); !slices.Contains(s.keys, key) {
		s.keys = append(s.keys, key)
	}
	mode := s.mode
	if s.turns > 0 {
		if s.turns--; s.turns == 0 {
			s.mode = Answers
		}
	}
	return mode
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, in request) {
	mode := s.take(r, in)
	switch mode {
	case Fails:
		writeError(w, http.StatusInternalServerError, "server_error", "")
		return
	case RateLimits:
		writeError(w, http.StatusTooManyRequests, "requests", "rate_limit_exceeded")
		return
	case NoCredit:
		writeError(w, http.StatusTooManyRequests, "insufficient_quota", "insufficient_quota")
		return
	case WrongKey:
		writeError(w, http.StatusUnauthorized, "invalid_request_error", "invalid_api_key")
		return
	case Hangs:
		<-r.Context().Done()
		return
	case Answers, CutsShort, NoJSON, Vanishes:
	}
	system, user := in.Messages[0].Content, in.Messages[len(in.Messages)-1].Content
	say := s.Answer
	if say == nil {
		say = Obedient
	}
	text, finish := say(system, user), "stop"
	switch mode {
	case CutsShort:
		text, finish = text[:len(text)/2], "length"
	case NoJSON:
		text = "Sure! Here is your text:"
	default:
	}
	input, output := (len(system)+len(user))/4, len(text)/4+1
	s.mu.Lock()
	s.paid[r.Header.Get("X-Client-Request-Id")] += int64(input + output)
	s.bill += (int64(input)*s.InputPrice + int64(output)*s.OutputPrice + 999_999) / 1_000_000
	s.mu.Unlock()
	if mode == Vanishes {
		panic(http.ErrAbortHandler)
	}
	writeJSON(w, http.StatusOK, map[string]any{"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": in.Model,
		"choices": []any{map[string]any{"index": 0, "message": map[string]any{"role": "assistant", "content": text, "refusal": nil, "annotations": []any{}}, "logprobs": nil, "finish_reason": finish}},
		"usage": map[string]any{"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output,
			"prompt_tokens_details": map[string]any{"cached_tokens": 0, "audio_tokens": 0}, "completion_tokens_details": map[string]any{"reasoning_tokens": 0}}})
}

func writeError(w http.ResponseWriter, status int, kind, code string) {
	writeJSON(w, status, map[string]any{"error": map[string]any{"message": "no", "type": kind, "param": nil, "code": code}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client sees it
}

// Obedient writes the message that the product's prompt asks for: the approved sentences in their order, with the first fact after the greeting.
func Obedient(_, user string) string {
	var in struct {
		Subject  string   `json:"example_subject"`
		Approved []string `json:"approved_sentences"`
		Facts    []struct {
			ID   string `json:"id"`
			Text string `json:"text"`
		} `json:"facts"`
	}
	if json.Unmarshal([]byte(user), &in) != nil {
		return `{}`
	}
	type sentence struct {
		Text  string   `json:"text"`
		Cites []string `json:"cites"`
		Kind  string   `json:"kind"`
	}
	type paragraph struct {
		Sentences []sentence `json:"sentences"`
	}
	subject := in.Subject
	if n := len(in.Approved); n > 0 { // filled in, it is the last one
		subject = in.Approved[n-1]
	}
	var paragraphs []paragraph
	for i, text := range in.Approved {
		if i+1 == len(in.Approved) && i > 0 { // the subject
			break
		}
		paragraphs = append(paragraphs, paragraph{[]sentence{{text, []string{}, "approved"}}})
		if i == 0 && len(in.Facts) > 0 {
			paragraphs = append(paragraphs, paragraph{[]sentence{{in.Facts[0].Text, []string{in.Facts[0].ID}, "fact"}}})
		}
	}
	out, err := json.Marshal(map[string]any{"subject": subject, "paragraphs": paragraphs})
	if err != nil {
		return `{}`
	}
	return string(out)
}
