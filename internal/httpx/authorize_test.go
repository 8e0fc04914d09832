package httpx_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

func TestWhatAuthorizeClassifiedStaysAsItIs(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	tests := []struct {
		name string
		ctx  context.Context
		err  error
		kind cloud.Kind
		hint string
	}{
		{"an error of its own", t.Context(), &cloud.Error{Kind: cloud.KindUnavailable, Hint: "wait"}, cloud.KindUnavailable, "wait"},
		{"any other error", t.Context(), errors.New("no key"), cloud.KindAuth, ""},
		{"the end of the context", ended, context.Canceled, cloud.KindCancelled, ""},
	}
	for _, tt := range tests {
		api := &httpx.API{
			HTTP: &http.Client{}, Provider: "acme", Base: "https://api.acme.test",
			Authorize: func(*http.Request) error { return tt.err },
		}
		_, err := api.Get(tt.ctx, "list", "/", nil, nil)
		e, ok := errors.AsType[*cloud.Error](err)
		if !ok || e.Kind != tt.kind || e.Hint != tt.hint {
			t.Errorf("%s: got %+v, want kind %q and hint %q", tt.name, err, tt.kind, tt.hint)
		}
	}
}
