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

func serve(t *testing.T, status int, body string, change func(*llm.Options)) (*llm.OpenAI, *[]byte) {
	t.Helper()
	asked := new([]byte)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("got %s with %s", r.URL, r.Header)
		}
		*asked, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body) //nolint:errcheck // the client sees it
	}))
	t.Cleanup(server.Close)
	o := llm.Options{Key: "secret", BaseURL: server.URL + "/v1/", Model: "gpt-4o-mini", Price: llm.Prices()["gpt-4o-mini"]}
	if change != nil {
		change(&o)
	}
	writer, err := llm.NewOpenAI(o)
	if err != nil {
		t.Fatal(err)
	}
	return writer, asked
}

func TestAModelWritesWithFactsAndACost(t *testing.T) {
	t.Parallel()
	var atMost int64
	writer, asked := serve(t, 200, completion(good, "stop", nil), func(o *llm.Options) {
		o.Budget = func(_ context.Context, n int64) error { atMost = n; return nil }
	})
	draft, err := writer.Write(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	// 600 tokens at 0.15 $, 400 at 0.075 $, 200 at 0.60 $ a million: 90 + 30 + 120 micro-USD.
	if draft.Subject != "Ten engineers" || draft.Body != "Hi Li,\n\nyou hired ten engineers. Shall we talk?" || len(draft.Paragraphs) != 2 || len(draft.PromptHash) != 64 || draft.Answer != good || !slices.Equal(draft.Cited, []string{"f1"}) ||
		draft.CostMicroUSD != 240 || draft.InputTokens != 1000 || draft.OutputTokens != 200 || draft.Model != "gpt-4o-mini-2024-07-18" {
		t.Errorf("got %+v", draft)
	}
	if atMost < draft.CostMicroUSD {
		t.Errorf("announced at most %d", atMost)
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
		cost   int64
	}{
		"rate limit":            {429, apiError("Rate limit reached", "requests", "rate_limit_exceeded"), llm.Temporary, 0},
		"no credit":             {429, apiError("You exceeded your current quota", "insufficient_quota", "insufficient_quota"), llm.Rejected, 0},
		"a broken server":       {500, apiError("The server had an error", "server_error", ""), llm.Temporary, 0},
		"a proxy's page":        {502, "<html>Bad gateway</html>", llm.Temporary, 0},
		"a wrong key":           {401, apiError("Incorrect API key provided", "invalid_request_error", "invalid_api_key"), llm.Rejected, 0},
		"an unknown model":      {404, apiError("The model does not exist", "invalid_request_error", "model_not_found"), llm.Rejected, 0},
		"an answer that is cut": {200, `{"id":"x","choices":[{`, llm.Temporary, 0},
		"no JSON at all":        {200, "hello", llm.Invalid, 0},
		"no choices":            {200, `{"choices":[],"usage":{}}`, llm.Invalid, 0},
		"content without JSON":  {200, completion("Sure! Here is your mail:", "stop", nil), llm.Invalid, 240},
		"too long":              {200, completion(good[:40], "length", nil), llm.Invalid, 240},
		"a filter":              {200, completion("", "content_filter", nil), llm.Invalid, 240},
		"a refusal":             {200, completion("", "stop", "I can't help with that."), llm.Invalid, 240},
		"a fact that isn't one": {200, completion(strings.Replace(good, "f1", "f9", 1), "stop", nil), llm.Invalid, 240},
		"a placeholder":         {200, completion(strings.Replace(good, "Hi Li", "Hi {{ name }}", 1), "stop", nil), llm.Invalid, 240},
		"a header":              {200, completion(strings.Replace(good, "Ten eng", `Ten\r\nBcc: eng`, 1), "stop", nil), llm.Invalid, 240},
		"no body":               {200, completion(`{"subject":"x","paragraphs":[{"sentences":[{"text":" ","cites":[],"kind":"fact"}]}]}`, "stop", nil), llm.Invalid, 240},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			writer, _ := serve(t, c.status, c.body, nil)
			draft, err := writer.Write(t.Context(), request())
			var failed *llm.Error
			if !errors.As(err, &failed) || failed.Reason != c.want || failed.CostMicroUSD != c.cost || draft.Body != "" {
				t.Fatalf("got %+v, %v", draft, err)
			}
			draft, err = llm.WithFallback(writer, llm.Templates{}).Write(t.Context(), request())
			if err != nil || draft.Body != "Hi Li,\nshall we talk?" || draft.FallbackReason == "" || draft.CostMicroUSD != c.cost {
				t.Errorf("fallback: got %+v, %v", draft, err)
			}
		})
	}
}

func TestWithoutBudgetNothingIsAsked(t *testing.T) {
	t.Parallel()
	spent := errors.New("spent")
	writer, asked := serve(t, 200, completion(good, "stop", nil), func(o *llm.Options) {
		o.Budget = func(context.Context, int64) error { return spent }
	})
	_, err := writer.Write(t.Context(), request())
	var failed *llm.Error
	if !errors.As(err, &failed) || failed.Reason != llm.OverPlan || !errors.Is(err, spent) || *asked != nil {
		t.Errorf("got %v, asked %q", err, *asked)
	}
}

func TestASlowModelIsLeft(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	writer, err := llm.NewOpenAI(llm.Options{BaseURL: server.URL, Model: "m", Price: llm.Price{Input: 1}, Timeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = writer.Write(t.Context(), request())
	var failed *llm.Error
	if !errors.As(err, &failed) || failed.Reason != llm.Temporary {
		t.Errorf("got %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := llm.WithFallback(writer, llm.Templates{}).Write(cancelled, request()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
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

func TestAModelNeedsAPrice(t *testing.T) {
	t.Parallel()
	if _, err := llm.NewOpenAI(llm.Options{Model: "gpt-unknown", Price: llm.Prices()["gpt-unknown"]}); err == nil {
		t.Error("accepted")
	}
}
