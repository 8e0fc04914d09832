package cloud_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestEndedSaysInPlainWordsWhatHappened(t *testing.T) {
	t.Parallel()
	limit := func(d time.Duration) error { return &cloud.TimeLimit{After: d, Set: "--timeout"} }
	over := time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		end  func(context.Context) (context.Context, context.CancelFunc)
		kind cloud.Kind
		want string
	}{
		"a limit that is told": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadlineCause(ctx, over, limit(2*time.Minute))
		}, cloud.KindTimeout, "acme: list: stopped after 2m (--timeout) while waiting for api.acme.example"},
		"one of seconds": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadlineCause(ctx, over, limit(1500*time.Millisecond))
		}, cloud.KindTimeout, "acme: list: stopped after 1.5s (--timeout) while waiting for api.acme.example"},
		"a limit of nobody": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadline(ctx, over)
		}, cloud.KindTimeout, "acme: list: its time was over while waiting for api.acme.example"},
		"a stop": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, cloud.KindCancelled, "acme: list: it was stopped while waiting for api.acme.example"},
		"a stop with a cause": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			cancel(errors.New("interrupted"))
			return ctx, func() {}
		}, cloud.KindCancelled, "acme: list: interrupted while waiting for api.acme.example"},
	} {
		ctx, cancel := c.end(t.Context())
		err := cloud.Ended(ctx, "acme: list", "api.acme.example")
		if err.Error() != c.want || cloud.KindOf(err) != c.kind || !errors.Is(err, context.Cause(ctx)) {
			t.Errorf("%s: got %q of kind %s, want %q of kind %s", name, err, err.Kind, c.want, c.kind)
		}
		cancel()
	}
}

func TestATimeLimitIsADeadline(t *testing.T) {
	t.Parallel()
	var err error = &cloud.TimeLimit{After: time.Second, Set: "--timeout"}
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || cloud.KindOf(err) != cloud.KindTimeout {
		t.Errorf("%v is of kind %q", err, cloud.KindOf(err))
	}
}
