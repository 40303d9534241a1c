// Package tracing makes OpenTelemetry spans of what happens to a request on its way through the log. The trace parent travels in
// the headers of commands and events; the correlation id is on every span.
package tracing

import (
	"context"
	"fmt"
	"os"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Endpoint names the variable that turns tracing on; the SDK's other OTEL_ variables (headers, sampler, batches) count too.
const Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"

// mostLinks is how many requests may go on in one batch; the SDK would else forget all but the last 128.
const mostLinks = 256

// Tracing sends spans to a collector. Nil is off: its hooks are nil, and whoever holds a nil hook does nothing for it.
type Tracing struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// FromEnvironment returns nil when no collector is named. service is what spans are said to come from.
func FromEnvironment(ctx context.Context, service, version string) (*Tracing, error) {
	if os.Getenv(Endpoint) == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return nil, nil // off
	}
	return New(ctx, service, version)
}

// New sends spans by OTLP over HTTP, in batches; an option goes before the environment.
func New(ctx context.Context, service, version string, opts ...otlptracehttp.Option) (*Tracing, error) {
	exporter, err := otlptracehttp.New(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("open exporter of traces: %w", err)
	}
	named, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", service), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe this process to the collector: %w", err)
	}
	limits := sdk.NewSpanLimits()
	limits.LinkCountLimit = max(limits.LinkCountLimit, mostLinks)
	p := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(named), sdk.WithRawSpanLimits(limits))
	return &Tracing{p, p.Tracer("outrider")}, nil
}

// Shutdown sends what waits.
func (t *Tracing) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// startSpan begins a span under a W3C trace parent, or a new trace when that is empty or no such thing.
func (t *Tracing) startSpan(parent, name string, kind trace.SpanKind, correlation uuid.UUID, attrs ...attribute.KeyValue) trace.Span {
	ctx := context.Background()
	if c, ok := parseParent(parent); ok {
		ctx = trace.ContextWithRemoteSpanContext(ctx, c)
	}
	attrs = append(attrs, attribute.String("outrider.correlation_id", correlation.String()))
	_, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
	return span
}

// header is the name under which https://www.w3.org/TR/trace-context/ has the parent.
const header = "traceparent"

// parseParent returns the span that a trace parent names.
func parseParent(parent string) (trace.SpanContext, bool) {
	c := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{header: parent}))
	return c, c.IsValid()
}

// parentOf is a span as the parent of what follows.
func parentOf(span trace.Span) string {
	out := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpan(context.Background(), span), out)
	return out[header]
}

func finishSpan(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "")
		span.RecordError(err)
	}
	span.End()
}
