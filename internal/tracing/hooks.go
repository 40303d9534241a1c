package tracing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"outrider/internal/es"
)

// Hooks are what each part of the way calls. Those that take a command or an event make it a child of the span, so that what
// follows from it is too.

// Request is called for each HTTP request; its parent is what the caller sent. end tells the status, and the batch that it went on
// in, if it did: the request's span links to it.
func (t *Tracing) Request() func(parent, method, route string, correlation uuid.UUID) (own string, end func(status int, batch string)) {
	if t == nil {
		return nil
	}
	return func(parent, method, route string, correlation uuid.UUID) (string, func(int, string)) {
		span := t.startSpan(parent, method+" "+route, trace.SpanKindServer, correlation, attribute.String("http.request.method", method), attribute.String("http.route", route))
		return parentOf(span), func(status int, batch string) {
			if c, ok := parseParent(batch); ok {
				span.AddLink(trace.Link{SpanContext: c})
			}
			span.SetAttributes(attribute.Int("http.response.status_code", status))
			if status >= 500 {
				span.SetStatus(codes.Error, "")
			}
			span.End()
		}
	}
}

// Batch is called for a command that brings what several requests asked for: a trace of its own, which links to the spans of those.
func (t *Tracing) Batch() func(commandType string, correlation uuid.UUID, requests []string) (own string, end func(error)) {
	if t == nil {
		return nil
	}
	return func(commandType string, correlation uuid.UUID, requests []string) (string, func(error)) {
		links := make([]trace.Link, 0, len(requests))
		for _, r := range requests {
			if c, ok := parseParent(r); ok {
				links = append(links, trace.Link{SpanContext: c})
			}
		}
		_, span := t.tracer.Start(context.Background(), "batch "+commandType, trace.WithLinks(links...), trace.WithAttributes(attribute.String("outrider.correlation_id", correlation.String())))
		return parentOf(span), func(err error) { finishSpan(span, err) }
	}
}

// Produce is called for each command that is sent, until its answer.
func (t *Tracing) Produce() func(*es.Command) (end func(error)) {
	return t.commandHook("produce ", trace.SpanKindProducer)
}

// Decide is called for each command that is decided, until its events are handed to Kafka.
func (t *Tracing) Decide() func(*es.Command) (end func(error)) {
	return t.commandHook("decide ", trace.SpanKindConsumer)
}

func (t *Tracing) commandHook(what string, kind trace.SpanKind) func(*es.Command) (end func(error)) {
	if t == nil {
		return nil
	}
	return func(c *es.Command) func(error) {
		span := t.startSpan(c.TraceParent, what+c.Type, kind, c.CorrelationID, attribute.String("outrider.command_id", c.ID.String()), attribute.String("outrider.org", c.Org.String()))
		c.TraceParent = parentOf(span)
		return func(err error) { finishSpan(span, err) }
	}
}

// Append is called for the last event of each command, until Kafka has acknowledged it.
func (t *Tracing) Append() func(parent, eventType string, correlation uuid.UUID) (end func(error)) {
	if t == nil {
		return nil
	}
	return func(parent, eventType string, correlation uuid.UUID) func(error) {
		span := t.startSpan(parent, "append "+eventType, trace.SpanKindProducer, correlation)
		return func(err error) { finishSpan(span, err) }
	}
}

// Project is called once a batch is in the read models; each command of it gets a span, for they were applied together.
func (t *Tracing) Project(store string) func(events []*es.Event, began time.Time) {
	if t == nil {
		return nil
	}
	return func(events []*es.Event, began time.Time) {
		for _, e := range events {
			parent, ok := parseParent(e.TraceParent)
			if !e.Last || !ok || !parent.IsSampled() {
				continue
			}
			_, span := t.tracer.Start(trace.ContextWithRemoteSpanContext(context.Background(), parent), "project "+store, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithTimestamp(began),
				trace.WithAttributes(eventAttributes(e)...))
			span.SetAttributes(attribute.Int("outrider.batch", len(events)))
			span.End()
		}
	}
}

// React is called for each event that a reactor takes.
func (t *Tracing) React() func(reactor string, e *es.Event) (end func(error)) {
	if t == nil {
		return nil
	}
	return func(reactor string, e *es.Event) func(error) {
		span := t.startSpan(e.TraceParent, "react "+reactor, trace.SpanKindConsumer, e.CorrelationID, eventAttributes(e)...)
		e.TraceParent = parentOf(span)
		return func(err error) { finishSpan(span, err) }
	}
}

// Effect is called for what is done outside because of an event.
func (t *Tracing) Effect() func(what string, e *es.Event) (end func(error)) {
	if t == nil {
		return nil
	}
	return func(what string, e *es.Event) func(error) {
		span := t.startSpan(e.TraceParent, what, trace.SpanKindClient, e.CorrelationID, eventAttributes(e)...)
		return func(err error) { finishSpan(span, err) }
	}
}

func eventAttributes(e *es.Event) []attribute.KeyValue {
	return []attribute.KeyValue{attribute.String("outrider.event_type", e.Type), attribute.Int64("outrider.oseq", e.Oseq), attribute.String("outrider.org", e.Org.String()),
		attribute.String("outrider.correlation_id", e.CorrelationID.String())}
}
