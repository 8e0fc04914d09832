package gcp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/gcp"
	"github.com/adsops/cloudtop/internal/sim"
)

// TestMonitoringIsNotAskedMoreOftenThanItMeasures: it bills every series that it returns, and a cache keeps readings for
// as long as a step.
func TestMonitoringIsNotAskedMoreOftenThanItMeasures(t *testing.T) {
	t.Parallel()
	measured := 0
	for _, s := range gcp.Spec().Services {
		if len(s.Metrics) == 0 {
			continue
		}
		measured++
		if s.Step < time.Minute || s.Delay < s.Step {
			t.Errorf("%s is measured every %s, %s late; want a minute or more, and readings that are not out yet", s.Name, s.Step, s.Delay)
		}
	}
	if measured != 5 {
		t.Errorf("%d services have metrics, want 5", measured)
	}
}

// asked collects the queries of calls to Cloud Monitoring.
type asked struct {
	mu  sync.Mutex
	all []map[string][]string
}

func (a *asked) note(r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, r.URL.Query())
}

// metrics reads the metrics of refs from a handler of timeSeries.list.
func metrics(t *testing.T, refs []cloud.Ref, handler http.HandlerFunc) ([]cloud.Sample, error) {
	t.Helper()
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "monitoring.googleapis.com" {
			answers(nil)(w, r)
			return
		}
		handler(w, r)
	}), nil)
	w := cloud.Window{From: sim.Epoch.Add(-7 * time.Minute), To: sim.Epoch}
	return provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), refs, w))
}

func ref(service, id string, gpu bool) cloud.Ref {
	return cloud.Ref{Provider: "gcp", Account: "p", Service: service, ID: id, GPU: gpu}
}

func TestEachMetricIsOneQueryForTheWholeProject(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ref  cloud.Ref
		want []string // metric type, aligner, reducer, what is grouped by
	}{
		{"machines", ref("compute", "1", false), []string{
			"agent.googleapis.com/memory/percent_used ALIGN_MEAN REDUCE_MEAN resource.labels.instance_id",
			"compute.googleapis.com/instance/cpu/utilization ALIGN_MEAN REDUCE_MEAN resource.labels.instance_id",
			"compute.googleapis.com/instance/disk/read_bytes_count ALIGN_RATE REDUCE_SUM resource.labels.instance_id",
			"compute.googleapis.com/instance/disk/write_bytes_count ALIGN_RATE REDUCE_SUM resource.labels.instance_id",
			"compute.googleapis.com/instance/network/received_bytes_count ALIGN_RATE REDUCE_SUM resource.labels.instance_id",
			"compute.googleapis.com/instance/network/sent_bytes_count ALIGN_RATE REDUCE_SUM resource.labels.instance_id",
		}},
		{"clusters", ref("gke", "us-east1/c", false), []string{
			"kubernetes.io/node/cpu/allocatable_utilization ALIGN_MEAN REDUCE_MEAN resource.labels.location resource.labels.cluster_name",
			"kubernetes.io/node/memory/allocatable_utilization ALIGN_MEAN REDUCE_MEAN resource.labels.location resource.labels.cluster_name",
		}},
		{"services", ref("run", "projects/p/locations/us-east1/services/s", false), []string{
			"run.googleapis.com/container/cpu/utilizations ALIGN_PERCENTILE_50 REDUCE_MEAN resource.labels.location resource.labels.service_name",
			"run.googleapis.com/container/memory/utilizations ALIGN_PERCENTILE_50 REDUCE_MEAN resource.labels.location resource.labels.service_name",
			"run.googleapis.com/request_count ALIGN_RATE REDUCE_SUM resource.labels.location resource.labels.service_name",
			"run.googleapis.com/request_latencies ALIGN_PERCENTILE_99 REDUCE_MAX resource.labels.location resource.labels.service_name",
		}},
		{"databases", ref("sql", "d", false), []string{
			"cloudsql.googleapis.com/database/cpu/utilization ALIGN_MEAN REDUCE_MEAN resource.labels.database_id",
			"cloudsql.googleapis.com/database/disk/utilization ALIGN_MEAN REDUCE_MEAN resource.labels.database_id",
			"cloudsql.googleapis.com/database/memory/utilization ALIGN_MEAN REDUCE_MEAN resource.labels.database_id",
		}},
		{"functions of whichever generation", ref("functions", "projects/p/locations/us-east1/functions/f", false), []string{
			"cloudfunctions.googleapis.com/function/execution_count ALIGN_RATE REDUCE_SUM resource.labels.region resource.labels.function_name metric.labels.status",
			"cloudfunctions.googleapis.com/function/execution_times ALIGN_DELTA REDUCE_PERCENTILE_50 resource.labels.region resource.labels.function_name",
			"cloudfunctions.googleapis.com/function/execution_times ALIGN_DELTA REDUCE_PERCENTILE_99 resource.labels.region resource.labels.function_name",
			"run.googleapis.com/container/cpu/utilizations ALIGN_PERCENTILE_50 REDUCE_MEAN resource.labels.location resource.labels.service_name",
			"run.googleapis.com/container/memory/utilizations ALIGN_PERCENTILE_50 REDUCE_MEAN resource.labels.location resource.labels.service_name",
			"run.googleapis.com/request_count ALIGN_RATE REDUCE_SUM resource.labels.location resource.labels.service_name metric.labels.response_code_class",
			"run.googleapis.com/request_latencies ALIGN_DELTA REDUCE_PERCENTILE_50 resource.labels.location resource.labels.service_name",
			"run.googleapis.com/request_latencies ALIGN_DELTA REDUCE_PERCENTILE_99 resource.labels.location resource.labels.service_name",
		}},
	} {
		var got asked
		_, err := metrics(t, []cloud.Ref{c.ref}, func(w http.ResponseWriter, r *http.Request) {
			got.note(r)
			_, _ = fmt.Fprint(w, `{}`)
		})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var lines []string
		for _, q := range got.all {
			one := func(name string) string { return strings.Join(q[name], " ") }
			_, kind, _ := strings.Cut(one("filter"), `metric.type = "`)
			kind, _, _ = strings.Cut(kind, `"`)
			lines = append(lines, strings.Join([]string{
				kind, one("aggregation.perSeriesAligner"), one("aggregation.crossSeriesReducer"), one("aggregation.groupByFields"),
			}, " "))
			if one("interval.endTime") != "2026-11-01T12:00:00Z" || one("interval.startTime") != "2026-11-01T11:53:00Z" ||
				one("aggregation.alignmentPeriod") != "60s" || one("pageSize") != "100000" || !strings.Contains(one("filter"), "resource.type = ") {
				t.Errorf("%s: asked %v", c.name, q)
			}
		}
		slices.Sort(lines)
		if !slices.Equal(lines, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, lines, c.want)
		}
	}
}

func TestGPUsAreAskedForWhereThereAreSome(t *testing.T) {
	t.Parallel()
	for _, gpu := range []bool{true, false} {
		var got asked
		if _, err := metrics(t, []cloud.Ref{ref("compute", "1", false), ref("compute", "2", gpu)}, func(w http.ResponseWriter, r *http.Request) {
			got.note(r)
			_, _ = fmt.Fprint(w, `{}`)
		}); err != nil {
			t.Fatal(err)
		}
		found := slices.ContainsFunc(got.all, func(q map[string][]string) bool { return strings.Contains(q["filter"][0], "gpu/utilization") })
		if found != gpu {
			t.Errorf("a GPU: %v; it was asked for: %v", gpu, found)
		}
	}
}

// TestUnitsOfTheAnswerWin: the documentation of a fraction and of a percentage is not to be trusted.
func TestUnitsOfTheAnswerWin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		service, id, labels, metric, kind, unit, value string
		want                                           float64
	}{
		{"compute", "1", `"instance_id":"1"`, cloud.CPUUsagePercent, "instance/cpu/utilization", "", `"doubleValue":0.5`, 50},
		{"compute", "1", `"instance_id":"1"`, cloud.CPUUsagePercent, "instance/cpu/utilization", "10^2.%", `"doubleValue":1.25`, 125},
		{"compute", "1", `"instance_id":"1"`, cloud.CPUUsagePercent, "instance/cpu/utilization", "1", `"doubleValue":0.5`, 50},
		{"compute", "1", `"instance_id":"1"`, cloud.CPUUsagePercent, "instance/cpu/utilization", "%", `"doubleValue":50`, 50},
		{"compute", "1", `"instance_id":"1"`, cloud.MemoryUsagePercent, "memory/percent_used", "", `"doubleValue":50`, 50},
		{"compute", "1", `"instance_id":"1"`, cloud.MemoryUsagePercent, "memory/percent_used", "10^2.%", `"doubleValue":0.5`, 50},
		{"compute", "1", `"instance_id":"1"`, cloud.NetworkRxBytesPerSec, "received_bytes_count", "By/s", `"doubleValue":7`, 7},
		{"run", "projects/p/locations/us-east1/services/s", `"location":"us-east1","service_name":"s"`, cloud.LatencyP99Seconds, "request_latencies", "", `"doubleValue":250`, 0.25},
		{"run", "projects/p/locations/us-east1/services/s", `"location":"us-east1","service_name":"s"`, cloud.LatencyP99Seconds, "request_latencies", "ms", `"doubleValue":250`, 0.25},
		{"run", "projects/p/locations/us-east1/services/s", `"location":"us-east1","service_name":"s"`, cloud.LatencyP99Seconds, "request_latencies", "s", `"doubleValue":0.25`, 0.25},
		{"run", "projects/p/locations/us-east1/services/s", `"location":"us-east1","service_name":"s"`, cloud.LatencyP99Seconds, "request_latencies", "us", `"doubleValue":250000`, 0.25},
		{"run", "projects/p/locations/us-east1/services/s", `"location":"us-east1","service_name":"s"`, cloud.RequestsPerSec, "request_count", "1/s", `"int64Value":"3"`, 3},
		{"functions", "projects/p/locations/us-east1/functions/f", `"region":"us-east1","function_name":"f"`, cloud.LatencyP50Seconds, "REDUCE_PERCENTILE_50 execution_times", "", `"doubleValue":250000000`, 0.25},
		{"functions", "projects/p/locations/us-east1/functions/f", `"region":"us-east1","function_name":"f"`, cloud.LatencyP99Seconds, "REDUCE_PERCENTILE_99 execution_times", "ns", `"doubleValue":250000000`, 0.25},
		{"functions", "projects/p/locations/us-east1/functions/f", `"region":"us-east1","function_name":"f"`, cloud.LatencyP99Seconds, "REDUCE_PERCENTILE_99 execution_times", "ms", `"doubleValue":250`, 0.25},
		{"functions", "projects/p/locations/us-east1/functions/f", `"location":"us-east1","service_name":"f"`, cloud.LatencyP50Seconds, "REDUCE_PERCENTILE_50 request_latencies", "ms", `"doubleValue":250`, 0.25},
		{"gke", "us-east1/c", `"location":"us-east1","cluster_name":"c"`, cloud.CPUUsagePercent, "node/cpu", "10^2.%", `"doubleValue":0.5`, 50},
		{"sql", "d", `"database_id":"p:d"`, cloud.DiskUsagePercent, "disk/utilization", "10^2.%", `"doubleValue":0.5`, 50},
	} {
		got, err := metrics(t, []cloud.Ref{ref(c.service, c.id, false)}, func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			reducer, kind, both := strings.Cut(c.kind, " ")
			if !both {
				reducer, kind = q.Get("aggregation.crossSeriesReducer"), c.kind
			}
			if !strings.Contains(q.Get("filter"), kind) || q.Get("aggregation.crossSeriesReducer") != reducer {
				_, _ = fmt.Fprint(w, `{}`)
				return
			}
			_, _ = fmt.Fprintf(w, `{"unit":%q,"timeSeries":[{"resource":{"labels":{%s}},"points":[{"interval":{"endTime":"2026-11-01T11:56:00Z"},"value":{%s}}]}]}`,
				c.unit, c.labels, c.value)
		})
		if err != nil || len(got) != 1 || got[0].ID != c.id || got[0].Metric.Name != c.metric || got[0].Metric.Value != c.want {
			t.Errorf("%s in %q: got %+v, %v; want %v", c.metric, c.unit, got, err, c.want)
		}
	}
}

func TestMetricsThatFailLeaveTheOthers(t *testing.T) {
	t.Parallel()
	point := `{"timeSeries":[{"resource":{"labels":{"instance_id":"1"}},"points":[{"interval":{"endTime":"2026-11-01T11:56:00Z"},"value":{"doubleValue":1}}]}]`
	refusal := func(code int, status string) string {
		return fmt.Sprintf(`{"error":{"code":%d,"message":"no","status":%q}}`, code, status)
	}
	for _, c := range []struct {
		name   string
		answer func(cpu bool) (int, string)
		rows   int
		kind   cloud.Kind
		says   string
	}{
		{"one is denied", func(cpu bool) (int, string) {
			if cpu {
				return 403, refusal(403, "PERMISSION_DENIED")
			}
			return 200, point + "}"
		}, 5, cloud.KindPartial, "read cpu_usage_percent"},
		{"one is not known", func(cpu bool) (int, string) {
			if cpu {
				return 404, refusal(404, "NOT_FOUND")
			}
			return 200, point + "}"
		}, 5, "", ""},
		{"none is known", func(bool) (int, string) { return 404, refusal(404, "NOT_FOUND") }, 0, cloud.KindNotFound, "no"},
		{"all are denied", func(bool) (int, string) { return 403, refusal(403, "PERMISSION_DENIED") }, 0, cloud.KindDenied, "no"},
		{"a part did not answer", func(bool) (int, string) {
			return 200, point + `,"executionErrors":[{"code":4,"message":"too slow"}],"unreachable":["locations/us-west1"]}`
		}, 6, cloud.KindPartial, "a part: too slow"},
		{"a region did not answer", func(bool) (int, string) { return 200, point + `,"unreachable":["locations/us-west1"]}` }, 6, cloud.KindPartial, "locations/us-west1 did not answer"},
		{"a series is odd", func(bool) (int, string) { return 200, strings.Replace(point, "[{", "[7,{", 1) + "}" }, 6, cloud.KindPartial, "cannot be understood"},
	} {
		got, err := metrics(t, []cloud.Ref{ref("compute", "1", false)}, func(w http.ResponseWriter, r *http.Request) {
			status, body := c.answer(strings.Contains(r.URL.Query().Get("filter"), "cpu/utilization"))
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, body)
		})
		if len(got) != c.rows || cloud.KindOf(err) != c.kind || (c.says != "" && !strings.Contains(fmt.Sprint(err), c.says)) {
			t.Errorf("%s: got %d readings and %v, want %d, kind %q and %q", c.name, len(got), err, c.rows, c.kind, c.says)
		}
	}
}

func TestSeriesArePaged(t *testing.T) {
	t.Parallel()
	page := func(id, next string) string {
		return fmt.Sprintf(`{"timeSeries":[{"resource":{"labels":{"database_id":"p:%s"}},"points":[{"interval":{"endTime":"2026-11-01T11:56:00Z"},`+
			`"value":{"doubleValue":0.5}}]}],"nextPageToken":%q}`, id, next)
	}
	got, err := metrics(t, []cloud.Ref{ref("sql", "a", false), ref("sql", "b", false)}, func(w http.ResponseWriter, r *http.Request) {
		body := page("a", "second")
		if r.URL.Query().Get("pageToken") == "second" {
			body = page("b", "")
		}
		_, _ = fmt.Fprint(w, body)
	})
	if err != nil || len(got) != 6 {
		t.Errorf("got %d readings, %v; want 3 of each of 2 servers", len(got), err)
	}
	_, err = metrics(t, []cloud.Ref{ref("sql", "a", false)}, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, page("a", "again")) })
	if cloud.KindOf(err) != cloud.KindResponse || !strings.Contains(fmt.Sprint(err), "repeat a page token") {
		t.Errorf("a loop of pages: got %v", err)
	}
}

func TestNothingIsAskedForNothing(t *testing.T) {
	t.Parallel()
	got, err := metrics(t, nil, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") })
	if len(got) != 0 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestMetricsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "monitoring.googleapis.com" {
			<-r.Context().Done()
			return
		}
		answers(nil)(w, r)
	}), nil)
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(errors.New("enough")) })
	_, err := provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(ctx, []cloud.Ref{ref("sql", "a", false)}, cloud.Window{From: sim.Epoch, To: sim.Epoch}))
	if cloud.KindOf(err) != cloud.KindCancelled {
		t.Errorf("got %v of kind %q, want cancelled", err, cloud.KindOf(err))
	}
}
