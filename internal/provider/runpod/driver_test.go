package runpod_test

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/runpod"
	"github.com/adsops/cloudtop/pkg/retry"
)

// connect returns a connection whose every call handler answers.
func connect(t *testing.T, handler http.Handler) *provider.Conn {
	t.Helper()
	conn := provider.NewConn(runpod.Spec())
	if err := conn.Initialize(t.Context(), config(handler)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// key is that of the simulated account.
const key = "rpa_SIMULATED0KEY0FOR0CLOUDTOP0ONLY00000000"

// config is of a connection whose every call handler answers, and that tries once more, without delay.
func config(handler http.Handler) *provider.ProviderConfig {
	return &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{"api_key": key}},
		Transport:  answering{handler}, Now: func() time.Time { return now },
		Retry: retry.Policy{Max: 1, First: time.Microsecond, Cap: time.Minute, Factor: 1},
	}
}

// answering lets a handler answer every host.
type answering struct{ http.Handler }

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.Host = r.URL.Host
	a.ServeHTTP(w, r)
	return w.Result(), nil
}

// The bodies are those of the description, and what gateways and the queues' host answer.
func TestErrorsSayWhatHappenedAndWhatToDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status  int
		body    string
		kind    cloud.Kind
		message string
		hint    string
	}{
		{401, `{"title":"Unauthorized","status":401,"detail":"missing bearer token"}`, cloud.KindAuth, "HTTP 401 Unauthorized missing bearer token", "RUNPOD_API_KEY"},
		{401, `{"error":"unauthorized"}`, cloud.KindAuth, "HTTP 401 unauthorized", "RUNPOD_API_KEY"},
		{401, ``, cloud.KindAuth, "HTTP 401 Unauthorized", ""},
		{403, `{"title":"Forbidden","status":403,"detail":"access denied"}`, cloud.KindDenied, "HTTP 403 Forbidden access denied", "read access"},
		{404, `{"title":"Not Found","status":404,"detail":"pod not found"}`, cloud.KindNotFound, "HTTP 404 Not Found pod not found", ""},
		{400, `{"title":"Bad Request","status":400,"detail":"request could not be processed"}`, cloud.KindRequest, "HTTP 400 Bad Request request could not be processed", ""},
		{422, `{"title":"Unprocessable Entity","status":422,"detail":"Request validation failed.","errors":["cloud: not allowed","",7]}`,
			cloud.KindRequest, "HTTP 422 Unprocessable Entity Request validation failed.; cloud: not allowed; 7", ""},
		{422, `{"title":"Unprocessable Entity","detail":["odd"],"errors":[{"loc":"x"}],"message":"wrong"}`, cloud.KindRequest, "HTTP 422 Unprocessable Entity wrong", ""},
		{418, `[]`, cloud.KindRequest, "HTTP 418 I'm a teapot", ""},
		{502, `<html>Bad Gateway</html>`, cloud.KindUnavailable, "HTTP 502 Bad Gateway", ""},
	} {
		conn := provider.NewConn(runpod.Spec())
		if err := conn.Initialize(t.Context(), config(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))); err != nil {
			t.Fatal(err)
		}
		_, err := conn.ListResources(t.Context(), nil)
		e, ok := errors.AsType[*cloud.Error](err)
		if !ok || e.Kind != c.kind || e.Message() != c.message || !strings.Contains(e.Hint, c.hint) || !strings.HasPrefix(e.Op, "runpod: list ") {
			t.Errorf("%d %s: got %v (%+v)\nwant %s of kind %s and a hint with %q", c.status, c.body, err, e, c.message, c.kind, c.hint)
		}
	}
}

func TestTheLongestExhaustedWindowIsWaitedOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header, value string
		wait          time.Duration
	}{
		{"RateLimit", `"minute";r=0;t=12, "hour";r=0;t=25, "day";r=7;t=45012`, 25 * time.Second},
		{"RateLimit", `"minute";r=0;t=12, "hour";r=2800;t=1812`, 12 * time.Second},
		{"Retry-After", "7", 7 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			calls, started := 0, time.Now()
			conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if calls++; calls == 1 {
					w.Header().Set(c.header, c.value)
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				_, _ = w.Write([]byte(`{"networkVolumes":[]}`))
			}))
			err := conn.HealthCheck(t.Context())
			if took := time.Since(started); err != nil || calls != 2 || took < c.wait || took > c.wait+2*time.Second {
				t.Errorf("%s %s: %d calls in %s and %v, want 2 with %s between them", c.header, c.value, calls, took, err, c.wait)
			}
		})
	}
}

func TestTheCheckTellsABadKeyFromOneThatMayNotRead(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]cloud.Kind{200: "", 401: cloud.KindAuth, 403: "", 404: cloud.KindNotFound} {
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v2/network-volumes" || r.Header.Get("Authorization") != "Bearer "+key {
				t.Errorf("%s was called with %q", r.URL.Path, r.Header.Get("Authorization"))
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{}`))
		}))
		if err := conn.HealthCheck(t.Context()); cloud.KindOf(err) != want {
			t.Errorf("%d: got %v, want kind %q", status, err, want)
		}
	}
}

func TestAKeyIsNeededAndTrimmed(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "  ", "\n"} {
		c := config(site{})
		c.Credential.Values = map[string]string{"api_key": value}
		err := provider.NewConn(runpod.Spec()).Initialize(t.Context(), c)
		if e, ok := errors.AsType[*cloud.Error](err); !ok || e.Kind != cloud.KindAuth || !strings.Contains(e.Hint, "RUNPOD_API_KEY") {
			t.Errorf("%q: got %v, want an error of kind auth with a hint", value, err)
		}
	}
	c := config(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer "+key {
			t.Errorf("got %q, want the key without blanks", got)
		}
		_, _ = w.Write([]byte(`{}`))
	}))
	c.Credential.Values["api_key"] = " " + key + "\n"
	conn := provider.NewConn(runpod.Spec())
	if err := conn.Initialize(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := conn.HealthCheck(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheVendorsKeyFilesAreRead(t *testing.T) {
	t.Parallel()
	parse := runpod.Spec().Auth[0].Parse
	for _, c := range []struct{ what, file, want string }{
		{"of runpodctl", "apikey = 'rpa_A'\napiurl = 'https://api.runpod.io/graphql'\n", "rpa_A"},
		{"of runpodctl, as typed", "apiKey=\"rpa_B\" # mine", "rpa_B"},
		{"of runpod-python", "[default]\napi_key = \"rpa_C\"\n", "rpa_C"},
		{"with other profiles", "[work]\napi_key = \"rpa_W\"\n\n[ \"default\" ]\r\napi_key = \"rpa_D\"\r\n", "rpa_D"},
		{"with other profiles only", "[work]\napi_key = \"rpa_W\"\n", ""},
		{"empty", "", ""}, {"without a value", "apikey =\napikey = ''\n", ""}, {"without quotes", "apikey = rpa_E", ""},
		{"without an end", "apikey = \"rpa_F", ""}, {"of a comment", "# apikey = 'rpa_G'", ""}, {"of another key", "my_apikey = 'rpa_H'", ""},
	} {
		got, err := parse([]byte(c.file), nil)
		if got["api_key"] != c.want || (c.want == "") != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v and %v, want %q", c.what, got, err, c.want)
		}
	}
}

// FuzzClassify checks that no error's body does harm.
func FuzzClassify(f *testing.F) {
	f.Add(429, `{"title":"Too Many Requests","errors":["a"]}`)
	f.Add(403, `{"error":{"message":"x"}}`)
	f.Add(500, "<html>")
	f.Fuzz(func(t *testing.T, status int, body string) {
		if got := runpod.Spec().Classify(status, http.Header{}, []byte(body)); got.Kind != "" || got.Wait != 0 {
			t.Errorf("%d %q: got %+v, want what it means left to the status", status, body, got)
		}
	})
}

// FuzzKeyFile checks that a key comes from a file that has it, or none does.
func FuzzKeyFile(f *testing.F) {
	f.Add([]byte("apikey = 'a'"))
	f.Add([]byte("[default]\napi_key = \"b\""))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := runpod.Spec().Auth[0].Parse(data, nil)
		if key := got["api_key"]; (key == "") != (err != nil) || !strings.Contains(string(data), key) {
			t.Errorf("%q: got %q and %v", data, key, err)
		}
	})
}
