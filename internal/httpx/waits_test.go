package httpx_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/httpx"
)

// TestCallsThatWaitForALimitCanBeSeen lets one call wait until the limit lets it pass, in a bubble of its own time.
func TestCallsThatWaitForALimitCanBeSeen(t *testing.T) {
	t.Parallel()
	for want, with := range map[string]func(*httpx.Policy){
		"monitoring: 1 per s": func(p *httpx.Policy) { p.Limits = []httpx.Limit{{Name: "monitoring", Events: 1, Per: time.Second}} },
		"all: 1 per min":      func(p *httpx.Policy) { p.Limits = []httpx.Limit{{Name: "all", Events: 1, Per: time.Minute}} },
		"all: 1 per h":        func(p *httpx.Policy) { p.Limits = []httpx.Limit{{Name: "all", Events: 1, Per: time.Hour}} },
		"all: 1 per 5m":       func(p *httpx.Policy) { p.Limits = []httpx.Limit{{Name: "all", Events: 1, Per: 5 * time.Minute}} },
		"rate_limit: 0.5 per s": func(p *httpx.Policy) {
			p.Override = &httpx.Rate{PerSecond: 0.5, Burst: 1}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			p := quick()
			with(&p)
			p.MaxWait = 2 * time.Hour
			p.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			waits := new(httpx.Waits)
			ctx := httpx.WithWaits(t.Context(), waits)
			client := httpx.NewClient(roundTripper(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
			}), p)
			if err := send(ctx, client.Transport); err != nil {
				t.Fatal(err)
			}
			if one, waiting := waits.Longest(); waiting {
				t.Errorf("got %+v, want nobody who waits", one)
			}
			began := time.Now()
			second := make(chan error)
			go func() { second <- send(ctx, client.Transport) }()
			synctest.Wait()
			one, waiting := waits.Longest()
			if !waiting || one.Provider != "acme" || one.Limit != want || one.Shared || !one.Since.Equal(began) {
				t.Errorf("got %+v, want %q", one, want)
			}
			if err := <-second; err != nil {
				t.Fatal(err)
			}
			if one, waiting := waits.Longest(); waiting {
				t.Errorf("got %+v, want nobody who waits any more", one)
			}
			if line := `msg=waited provider=acme limit="` + want + `" shared=false took=`; strings.Count(log.String(), line) != 1 {
				t.Errorf("want %q once in the log:\n%s", line, log.String())
			}
		})
	}
}

func TestTheLongestOfSeveralWaitsIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := quick()
		p.Limits = []httpx.Limit{{Name: "all", Events: 1, Per: time.Minute}}
		p.MaxWait = time.Hour
		waits := new(httpx.Waits)
		ctx, cancel := context.WithCancel(httpx.WithWaits(t.Context(), waits))
		client := httpx.NewClient(new(slow), p)
		ended := make(chan error)
		for range 3 {
			go func() { ended <- send(ctx, client.Transport) }()
			time.Sleep(time.Second)
		}
		one, waiting := waits.Longest()
		if waited := time.Since(one.Since); !waiting || waited != 2*time.Second {
			t.Errorf("got a wait of %s, want that of the second call, 2s ago", waited)
		}
		cancel()
		for range 3 {
			<-ended
		}
		if one, waiting := waits.Longest(); waiting {
			t.Errorf("got %+v after the end", one)
		}
	})
}
