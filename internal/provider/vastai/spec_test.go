package vastai

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/retry"
)

// TestLimitsAreThePublishedOnes holds the Spec against the x-rate-limit of the descriptions.
func TestLimitsAreThePublishedOnes(t *testing.T) {
	t.Parallel()
	published := map[string]struct {
		events int
		per    time.Duration
	}{
		instancesPath: {1, time.Second}, volumesPath: {1, 5500 * time.Millisecond}, endpointsPath: {1, 3 * time.Second}, chargesPath: {1, time.Second},
		marketPath: {1, 3 * time.Second}, offersPath: {10, time.Minute},
	}
	for _, l := range Spec().Limits {
		want := published[l.Match.Path]
		// A call may arrive sooner after the one before than it was sent: the limit must not be met exactly.
		if l.Events != want.events || l.Per <= want.per || l.Per > want.per+time.Second || l.Match.Host != host || l.Source == "" {
			t.Errorf("%s: got %d in %s, want %d in a little more than %s", l.Match.Path, l.Events, l.Per, want.events, want.per)
		}
		delete(published, l.Match.Path)
	}
	if len(published) > 0 {
		t.Errorf("these have no limit: %v", published)
	}
}

func TestAKeyIsNeededAndTrimmed(t *testing.T) {
	t.Parallel()
	initialize := func(key string, transport http.RoundTripper) (*provider.Conn, error) {
		conn := provider.NewConn(Spec())
		return conn, conn.Initialize(t.Context(), &provider.ProviderConfig{
			Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{"api_key": key}}, Transport: transport,
		})
	}
	for _, key := range []string{"", " ", "\n"} {
		_, err := initialize(key, &console{})
		if e, ok := errors.AsType[*cloud.Error](err); !ok || e.Kind != cloud.KindAuth || !strings.Contains(e.Hint, "VAST_API_KEY") {
			t.Errorf("%q: got %v, want an error of kind auth with a hint", key, err)
		}
	}
	conn, err := initialize(" secret-key\n", roundTripper(func(r *http.Request) (*http.Response, error) {
		if got := r.Header.Get("Authorization"); got != "Bearer secret-key" {
			t.Errorf("got %q, want the key without blanks", got)
		}
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(ada)), Request: r}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.HealthCheck(t.Context()); err != nil {
		t.Error(err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestBothNamesAndTheClientsFilesHoldTheKey(t *testing.T) {
	t.Parallel()
	auth := Spec().Auth
	if len(auth) != 1 || len(auth[0].Fields) != 1 || !auth[0].Fields[0].Secret {
		t.Fatalf("got %+v, want one secret", auth)
	}
	if got := strings.Join(auth[0].Fields[0].Env, " "); got != "VAST_API_KEY VASTAI_API_KEY" {
		t.Errorf("got variables %s, want the vendor's name first", got)
	}
	if got := strings.Join(auth[0].Files, " "); got != "$XDG_CONFIG_HOME/vastai/vast_api_key ~/.config/vastai/vast_api_key ~/.vast_api_key" {
		t.Errorf("got files %s", got)
	}
	for _, alias := range []string{"vast", "VAST.AI", "vastai"} {
		if !Spec().Called(alias) {
			t.Errorf("it is not called %s", alias)
		}
	}
}

// TestAThrottledCallWaitsWhatTheAnswerSays goes through the ways in which Vast.ai tells how long.
func TestAThrottledCallWaitsWhatTheAnswerSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, body, retryAfter string
		wait                   time.Duration
	}{
		{"a threshold in a text", "API requests too frequent: endpoint threshold=5.5", "", 5500 * time.Millisecond},
		{"a threshold in JSON", `{"detail":"API requests too frequent endpoint threshold=3.0"}`, "", 3 * time.Second},
		{"Retry-After, which counts more", `{"detail":"API requests too frequent endpoint threshold=3.0"}`, "7", 7 * time.Second},
		{"nothing", "API requests too frequent", "", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			calls, started := 0, time.Now()
			conn := provider.NewConn(Spec())
			err := conn.Initialize(t.Context(), &provider.ProviderConfig{
				Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{"api_key": "key-of-the-test"}},
				Retry:      retry.Policy{Max: 1, First: time.Second, Cap: time.Minute, Factor: 1},
				Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					calls++
					resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(ada))}
					if calls == 1 {
						resp.StatusCode, resp.Body = http.StatusTooManyRequests, io.NopCloser(strings.NewReader(c.body))
						if c.retryAfter != "" {
							resp.Header.Set("Retry-After", c.retryAfter)
						}
					}
					return resp, nil
				}),
			})
			if err != nil {
				t.Fatal(err)
			}
			err = conn.HealthCheck(t.Context())
			if took := time.Since(started); err != nil || calls != 2 || took < c.wait || took > c.wait+2*time.Second {
				t.Errorf("%s: %d calls in %s and %v, want 2 with %s between them", c.what, calls, took, err, c.wait)
			}
		})
	}
}

func TestOddErrorBodiesKeepWhatCanBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, code, detail string }{
		{`{"success":false,"error":"invalid_args","msg":{"MARKER":1},"message":"said otherwise"}`, "invalid_args", "said otherwise"},
		{`{"error":["MARKER"],"msg":"said"}`, "", "said"},
		{`{"detail":[{"loc":["query"],"msg":"MARKER"}]}`, "", ""},
		{`{"error":42,"msg":7}`, "42", "7"},
		{`{}`, "", ""}, {``, "", ""}, {`"said"`, "", `"said"`}, {`plain text`, "", "plain text"}, {strings.Repeat("ä", 150), "", strings.Repeat("ä", 100)},
		{`<html>MARKER</html>`, "", ""},
	} {
		got := classify(http.StatusBadRequest, http.Header{}, []byte(c.body))
		want := httpx.Fault{Code: c.code, Detail: c.detail}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", c.body, got, want)
		}
	}
}

func TestAReaderThatStopsIsNotReadOn(t *testing.T) {
	t.Parallel()
	c := &console{answers: map[string]string{
		userPath: ada, instancesPath: `{"instances":[{"id":1},{"id":2}],"next_token":"A"}`, volumesPath: `{"volumes":[{"id":1},{"id":2},7]}`,
		endpointsPath: `{"results":[{"id":1},{"id":2},7]}`, chargesPath: `{"results":[{"amount":1},{"amount":2}],"next_token":"A"}`,
		offersPath: published, marketPath: `{"gpus":[{"gpu_name":"a"},{"gpu_name":"b"},7]}`,
	}}
	conn := connect(t, c)
	d := conn.Driver()
	for _, service := range []string{instances, volumes, endpoints} {
		for _, err := range d.List(t.Context(), cloud.Query{Service: service}) {
			if err != nil {
				t.Errorf("%s: %v", service, err)
			}
			break
		}
	}
	for range d.(provider.MarketReader).Markets(t.Context()) {
		break
	}
	for range d.(provider.GPUMarket).Offers(t.Context(), cloud.OfferQuery{}) {
		break
	}
	rows := 0
	for range d.(provider.CostReader).Costs(t.Context(), cloud.Period{From: now.Add(-time.Hour), To: now}) {
		if rows++; rows == 2 { // the balance and a charge
			break
		}
	}
	for range conn.Scopes(t.Context()) {
		break
	}
	for _, call := range c.calls {
		if strings.Contains(call, "after_token") {
			t.Errorf("%s was made after its reader had stopped", call)
		}
	}
}
