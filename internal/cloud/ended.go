package cloud

import (
	"context"
	"errors"
	"strings"
	"time"
)

// TimeLimit is the cause of a context that ends because somebody bounded its time: it is a context.DeadlineExceeded.
type TimeLimit struct {
	After time.Duration
	Set   string // what sets it: "--timeout"
}

// Error implements error: "stopped after 2m (--timeout)".
func (l *TimeLimit) Error() string {
	after := l.After.String()
	if strings.HasSuffix(after, "m0s") {
		after = strings.TrimSuffix(after, "0s")
	}
	return "stopped after " + after + " (" + l.Set + ")"
}

// Is makes it the error that the context itself ends with.
func (l *TimeLimit) Is(target error) bool { return target == context.DeadlineExceeded }

// Ended is the error of an operation whose context has ended while it waited for something: of kind cancelled or
// timeout, whatever the cause, which it wraps. It says in plain words what happened.
func Ended(ctx context.Context, op, waiting string) *Error {
	e := &Error{Kind: KindOf(ctx.Err()), Op: op, Err: context.Cause(ctx)}
	switch detail := e.Err.Error(); {
	case errors.Is(e.Err, context.DeadlineExceeded) && detail == context.DeadlineExceeded.Error():
		e.Detail = "its time was over"
	case detail == context.Canceled.Error():
		e.Detail = "it was stopped"
	default:
		e.Detail = detail
	}
	e.Detail += " while waiting for " + waiting
	return e
}
