package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"outrider/internal/llm"
	"outrider/internal/template"
)

func request() llm.Request {
	return llm.Request{
		Instructions: "Ask for a call.",
		Facts:        []llm.Fact{{ID: "f1", Text: "Example Inc. hired ten engineers."}, {ID: "f2", Text: "They use Go."}},
		Subject:      "A question,\n {{ first_name }}", Body: "Hi {{ first_name }},\nshall we talk?",
		Variables: map[string]any{"first_name": "Li"},
	}
}

// completion is the published form of an answer: https://platform.openai.com/docs/api-reference/chat/object
func completion(content, finish string, refusal any) string {
	message, _ := json.Marshal(map[string]any{"role": "assistant", "content": content, "refusal": refusal, "annotations": []any{}})
	return fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":%s,"logprobs":null,"finish_reason":%q}],`+
		`"usage":{"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,"prompt_tokens_details":{"cached_tokens":400,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"service_tier":"default"}`, message, finish)
}

func apiError(message, kind, code string) string {
	return fmt.Sprintf(`{"error":{"message":%q,"type":%q,"param":null,"code":%q}}`, message, kind, code)
}

const good = `{"subject":"Ten engineers","paragraphs":[{"sentences":[{"text":"Hi Li,","cites":[],"kind":"approved"}]},` +
	`{"sentences":[{"text":"you hired ten engineers.","cites":["f1"],"kind":"fact"},{"text":"Shall we talk?","cites":[],"kind":"approved"}]}]}`

func serve(t *testing.T, status int, body string) (ask func(llm.Prompt) (llm.Completion, error), asked *[]byte) {
	t.Helper()
	asked = new([]byte)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer secret" || r.Header.Get("X-Client-Request-Id") != "call-1" {
			t.Errorf("got %s with %s", r.URL, r.Header)
		}
		*asked, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body) //nolint:errcheck // the client sees it
	}))
	t.Cleanup(server.Close)
	return func(p llm.Prompt) (llm.Completion, error) {
		return llm.Ask(t.Context(), server.Client(), llm.Endpoint{BaseURL: server.URL + "/v1/", Key: "secret"}, "gpt-4o-mini", "call-1", p)
	}, asked
}

func prompt(t *testing.T) llm.Prompt {
	t.Helper()
	p, err := llm.PromptFor(request())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAModelWritesWithFacts(t *testing.T) {
	t.Parallel()
	ask, asked := serve(t, 200, completion(good, "stop", nil))
	p := prompt(t)
	a, err := ask(p)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := llm.DraftOf(a, request())
	if err != nil {
		t.Fatal(err)
	}
	if draft.Subject != "Ten engineers" || draft.Body != "Hi Li,\n\nyou hired ten engineers. Shall we talk?" || len(draft.Paragraphs) != 2 || draft.PromptHash != p.Hash("gpt-4o-mini") || len(draft.PromptHash) != 64 || draft.Answer != good ||
		!slices.Equal(draft.Cited, []string{"f1"}) || a.InputTokens != 1000 || a.CachedTokens != 400 || a.OutputTokens != 200 || draft.Model != "gpt-4o-mini-2024-07-18" {
		t.Errorf("got %+v of %+v", draft, a)
	}
	if input, output := p.AtMost(); input < 300 || output < 200 {
		t.Errorf("announced at most %d and %d tokens", input, output)
	}
	var sent struct {
		Model          string
		ResponseFormat struct {
			Type       string
			JSONSchema struct {
				Strict bool
				Schema struct {
					Properties map[string]struct {
						Items struct {
							Properties struct {
								Sentences struct {
									Items struct {
										Properties struct {
											Cites struct{ Items struct{ Enum []string } }
										}
									}
								}
							}
						}
					}
				}
			} `json:"json_schema"`
		} `json:"response_format"`
		Messages []struct{ Role, Content string }
	}
	if err := json.Unmarshal(*asked, &sent); err != nil {
		t.Fatal(err)
	}
	if f := sent.ResponseFormat; sent.Model != "gpt-4o-mini" || f.Type != "json_schema" || !f.JSONSchema.Strict || !slices.Equal(f.JSONSchema.Schema.Properties["paragraphs"].Items.Properties.Sentences.Items.Properties.Cites.Items.Enum, []string{"f1", "f2"}) {
		t.Errorf("asked %s", *asked)
	}
	if len(sent.Messages) != 2 || sent.Messages[0].Role != "system" || !strings.Contains(sent.Messages[1].Content, "hired ten engineers") {
		t.Errorf("asked %s", *asked)
	}
}

func TestFailuresAreToldApart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   llm.Reason

		paid, unanswered bool
	}{
		"rate limit":            {429, apiError("Rate limit reached", "requests", "rate_limit_exceeded"), llm.Temporary, false, false},
		"no credit":             {429, apiError("You exceeded your current quota", "insufficient_quota", "insufficient_quota"), llm.Rejected, false, false},
		"a broken server":       {500, apiError("The server had an error", "server_error", ""), llm.Temporary, false, false},
		"a proxy's page":        {502, "<html>Bad gateway</html>", llm.Temporary, false, false},
		"a wrong key":           {401, apiError("Incorrect API key provided", "invalid_request_error", "invalid_api_key"), llm.Rejected, false, false},
		"an unknown model":      {404, apiError("The model does not exist", "invalid_request_error", "model_not_found"), llm.Rejected, false, false},
		"an answer that is cut": {200, `{"id":"x","choices":[{`, llm.Temporary, false, true},
		"no JSON at all":        {200, "hello", llm.Invalid, false, true},
		"no choices":            {200, `{"choices":[],"usage":{}}`, llm.Invalid, false, false},
		"content without JSON":  {200, completion("Sure! Here is your mail:", "stop", nil), llm.Invalid, true, false},
		"too long":              {200, completion(good[:40], "length", nil), llm.Invalid, true, false},
		"a filter":              {200, completion("", "content_filter", nil), llm.Invalid, true, false},
		"a refusal":             {200, completion("", "stop", "I can't help with that."), llm.Invalid, true, false},
		"a fact that isn't one": {200, completion(strings.Replace(good, "f1", "f9", 1), "stop", nil), llm.Invalid, true, false},
		"a placeholder":         {200, completion(strings.Replace(good, "Hi Li", "Hi {{ name }}", 1), "stop", nil), llm.Invalid, true, false},
		"a header":              {200, completion(strings.Replace(good, "Ten eng", `Ten\r\nBcc: eng`, 1), "stop", nil), llm.Invalid, true, false},
		"no body":               {200, completion(`{"subject":"x","paragraphs":[{"sentences":[{"text":" ","cites":[],"kind":"fact"}]}]}`, "stop", nil), llm.Invalid, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask, _ := serve(t, c.status, c.body)
			a, err := ask(prompt(t))
			var failed *llm.Error
			if !errors.As(err, &failed) || failed.Reason != c.want || failed.Unanswered != c.unanswered || a.Text != "" || (a.InputTokens == 1000) != c.paid {
				t.Fatalf("got %+v, %+v", a, err)
			}
		})
	}
}

func TestASlowModelIsLeft(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	ask := func(ctx context.Context) error {
		_, err := llm.Ask(ctx, server.Client(), llm.Endpoint{BaseURL: server.URL}, "m", "", prompt(t))
		return err
	}
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	var failed *llm.Error
	if err := ask(late); !errors.As(err, &failed) || failed.Reason != llm.Temporary || !failed.Unanswered {
		t.Errorf("got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ask(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestNobodyThereIsNoAnswerToPayFor(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := llm.Ask(t.Context(), server.Client(), llm.Endpoint{BaseURL: server.URL}, "m", "", prompt(t))
	if failed := (*llm.Error)(nil); !errors.As(err, &failed) || failed.Reason != llm.Temporary || failed.Unanswered {
		t.Errorf("got %v", err)
	}
}

func TestTemplatesAlwaysWriteTheSameOrNothing(t *testing.T) {
	t.Parallel()
	draft, err := llm.Templates{}.Write(t.Context(), request())
	if err != nil || draft.Subject != "A question, Li" || draft.Body != "Hi Li,\nshall we talk?" || draft.CostMicroUSD != 0 || draft.Cited != nil {
		t.Errorf("got %+v, %v", draft, err)
	}
	r := request()
	r.Variables = nil
	_, err = llm.Templates{}.Write(t.Context(), r)
	var missing *template.MissingError
	if !errors.As(err, &missing) || missing.Name != "first_name" {
		t.Errorf("got %v", err)
	}
}
