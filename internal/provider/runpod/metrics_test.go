package runpod_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// measured reads the metrics of endpoints and returns them as "id name=value".
func measured(t *testing.T, h http.Handler, refs ...cloud.Ref) ([]string, error) {
	t.Helper()
	reader := connect(t, h).Driver().(provider.MetricsReader)
	samples, err := provider.Gather(reader.Metrics(t.Context(), refs, cloud.Window{}))
	var out []string
	for _, s := range samples {
		if !s.Metric.At.Time().Equal(now) {
			t.Errorf("%s was measured at %v, want %v", s.Metric.Name, s.Metric.At, now)
		}
		out = append(out, fmt.Sprintf("%s %s=%v", s.ID, s.Metric.Name, s.Metric.Value))
	}
	return out, err
}

func ref(id, kind string) cloud.Ref { return cloud.Ref{Service: "serverless", Type: kind, ID: id} }

func TestWorkersAndJobsAreCounted(t *testing.T) {
	t.Parallel()
	s := site{"/v2/serverless/ep1/workers": "workers.json", "/v2/ep1/health": "health.json", "/v2/serverless/ep2/workers": "workers.json"}
	got, err := measured(t, s, ref("ep1", "queue_endpoint"), ref("ep2", "load_balancer_endpoint"), cloud.Ref{Service: "pods", ID: "pod"})
	if err != nil {
		t.Error(err)
	}
	want := []string{
		"ep1 workers_running_count=1", "ep1 workers_idle_count=2", "ep1 workers_initializing_count=3", "ep1 workers_throttled_count=4",
		"ep1 workers_unhealthy_count=0", "ep1 queue_depth_count=7", "ep1 jobs_in_progress_count=2", "ep1 jobs_failed_count=4",
		"ep1 jobs_completed_count=900", "ep1 jobs_retried_count=1",
		"ep2 workers_running_count=1", "ep2 workers_idle_count=2", "ep2 workers_initializing_count=3", "ep2 workers_throttled_count=4",
		"ep2 workers_unhealthy_count=0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatIsNotToldOfAnEndpointIsAbsent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, workers, health, want, missing string }{
		{"some numbers", `{"summary":{"running":1,"idle":null,"total":9}}`, `{"jobs":{"inQueue":"3","failed":-1}}`,
			"ep workers_running_count=1; ep queue_depth_count=3", ""},
		{"no summary, but the workers", `{"workers":[{"id":"a","status":"RUNNING"},{"id":"b","status":"RUNNING"},{"id":"c","status":"NEW"},{"id":"d","status":"IDLE"}]}`, `{"jobs":{}}`,
			"ep workers_running_count=2; ep workers_idle_count=1; ep workers_initializing_count=0; ep workers_throttled_count=0; ep workers_unhealthy_count=0", ""},
		{"no workers at all", `{"summary":null,"workers":[]}`, `{"jobs":{}}`,
			"ep workers_running_count=0; ep workers_idle_count=0; ep workers_initializing_count=0; ep workers_throttled_count=0; ep workers_unhealthy_count=0", ""},
		{"neither", `{"endpointVersion":4}`, `{"jobs":{"inQueue":1}}`, "ep queue_depth_count=1", "read workers of ep: the answer has no workers"},
		{"no jobs", `{"summary":{}}`, `{"workers":{"idle":1}}`, "", "read queue of ep: the answer has no jobs"},
		{"another shape", `{"summary":[]}`, `{"jobs":{"inQueue":1}}`, "ep queue_depth_count=1", "read workers of ep: answer is not what is expected"},
	} {
		got, err := measured(t, site{"/v2/serverless/ep/workers": c.workers, "/v2/ep/health": c.health}, ref("ep", "queue_endpoint"))
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: got %q\nwant %s", c.what, got, c.want)
		}
		if (err == nil) != (c.missing == "") || err != nil && (cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), c.missing)) {
			t.Errorf("%s: got %v, want a partial error with %q", c.what, err, c.missing)
		}
	}
}

// refusing answers one path with a status, and the rest with the samples.
func refusing(path string, status int) http.Handler {
	s := site{
		"/v2/serverless/a/workers": "workers.json", "/v2/a/health": "health.json",
		"/v2/serverless/b/workers": "workers.json", "/v2/b/health": "health.json",
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"error":"no"}`))
			return
		}
		s.ServeHTTP(w, r)
	})
}

func TestOneEndpointThatFailsLeavesTheOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path   string
		status int
		kind   cloud.Kind
		rows   int
		hint   string
	}{
		{"/v2/serverless/a/workers", 404, cloud.KindPartial, 15, ""},
		{"/v2/serverless/a/workers", 403, cloud.KindPartial, 15, "read access"},
		{"/v2/serverless/a/workers", 401, cloud.KindAuth, 0, "RUNPOD_API_KEY"},
		{"/v2/a/health", 404, cloud.KindPartial, 15, ""},
		{"/v2/a/health", 403, cloud.KindPartial, 15, "read access"},
		// The key was good for api.runpod.io a moment ago: it lacks access to api.runpod.ai.
		{"/v2/a/health", 401, cloud.KindPartial, 15, "api.runpod.ai"},
	} {
		got, err := measured(t, refusing(c.path, c.status), ref("a", "queue_endpoint"), ref("b", "queue_endpoint"))
		if len(got) != c.rows || cloud.KindOf(err) != c.kind || !strings.Contains(err.Error(), fmt.Sprint("HTTP ", c.status)) {
			t.Errorf("%s %d: got %d metrics and %v, want %d and kind %s", c.path, c.status, len(got), err, c.rows, c.kind)
		}
		if hint := hintOf(err); !strings.Contains(hint, c.hint) {
			t.Errorf("%s %d: got hint %q, want one with %q", c.path, c.status, hint, c.hint)
		}
	}
}

// hintOf returns the hint of the first error of those that Gather joined.
func hintOf(err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		err = joined.Unwrap()[0]
	}
	e, _ := err.(*cloud.Error) //nolint:errorlint // the driver's own
	return e.Hint
}

func TestMetricsOfNothingMakeNoCall(t *testing.T) {
	t.Parallel()
	got, err := measured(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was called", r.URL)
	}), cloud.Ref{Service: "pods", ID: "pod"}, cloud.Ref{Service: "clusters", ID: "c"})
	if len(got) != 0 || err != nil {
		t.Errorf("got %v and %v, want nothing", got, err)
	}
}

func TestIdsAreEscapedInPaths(t *testing.T) {
	t.Parallel()
	var paths []string
	_, _ = measured(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Host+r.URL.EscapedPath())
		http.NotFound(w, r)
	}), ref("../pods?x", "load_balancer_endpoint"))
	if want := []string{"api.runpod.io/v2/serverless/..%2Fpods%3Fx/workers"}; !slices.Equal(paths, want) {
		t.Errorf("called %q, want %q", paths, want)
	}
}
