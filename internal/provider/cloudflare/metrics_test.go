package cloudflare_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// TestReadingsHaveTheUnitsOfTheirNames reads an answer in the schema's units (microseconds, milliseconds, GB-seconds,
// bytes, counts) over the 15 minutes whose counts are complete.
func TestReadingsHaveTheUnitsOfTheirNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		service, id string
		want        map[string]float64
	}{
		{"workers", "workers/scripts/api", map[string]float64{
			"requests_per_second": 10, "errors_per_second": 0.1, "error_percent": 1, "cpu_time_p50_seconds": 0.0015,
			"cpu_time_p99_seconds": 0.25, "latency_p50_seconds": 0.02, "latency_p99_seconds": 1, "subrequests_per_second": 2,
			"duration_gb_seconds_per_second": 0.05, "network_tx_bytes_per_second": 1000, "sample_interval_count": 10,
			"requests_today_count": 40_000, "free_requests_used_percent": 50,
		}},
		{"workers", "workers/scripts/quiet", map[string]float64{"free_requests_used_percent": 50}},
		{"pages", "pages/projects/site", map[string]float64{
			"requests_per_second": 1, "errors_per_second": 0, "error_percent": 0, "cpu_time_p50_seconds": 0.0007,
			"requests_today_count": 10_000, "free_requests_used_percent": 50,
		}},
		{"r2", "r2/buckets/eu_logs", map[string]float64{
			"requests_per_second": 10.0 / 9, "errors_per_second": 1.0 / 9, "error_percent": 10, "network_tx_bytes_per_second": 2,
			"storage_bytes": 1212, "objects_count": 4, "uploads_count": 0,
		}},
		{"d1", "d-1", map[string]float64{
			"read_queries_per_second": 0.5, "write_queries_per_second": 0.1, "rows_read_per_second": 10,
			"rows_written_per_second": 0.2, "network_tx_bytes_per_second": 5, "latency_p50_seconds": 0.0015,
			"latency_p90_seconds": 0.02, "rows_read_today_count": 1_000_000, "rows_written_today_count": 250_000,
			"free_rows_read_used_percent": 20, "free_rows_written_used_percent": 100, "storage_bytes": 8192,
		}},
		{"kv", "k-1", map[string]float64{
			"requests_per_second": 1.11, "reads_per_second": 1, "writes_per_second": 0.1, "value_bytes_per_second": 11,
			"latency_p50_seconds": 0.002, "latency_p99_seconds": 0.08, "sample_interval_count": 4, "reads_today_count": 25_000,
			"writes_today_count": 100, "free_reads_used_percent": 50, "free_writes_used_percent": 10, "storage_bytes": 77,
			"objects_count": 7,
		}},
		{"ai", "ai/models/@cf/meta/llama", map[string]float64{
			"requests_per_second": 0.1, "neurons_per_second": 2, "input_tokens_per_second": 10, "output_tokens_per_second": 1,
			"inference_time_avg_seconds": 0.5, "neurons_today_count": 2500, "free_neurons_used_percent": 25,
		}},
		{"queues", "q-1", map[string]float64{
			"queue_depth_count": 12, "queue_depth_bytes": 3400, "writes_per_second": 0.1, "deletes_per_second": 0.05,
			"billable_operations_per_second": 0.25,
		}},
		{"durable_objects", "o-1", map[string]float64{
			"requests_per_second": 0.5, "errors_per_second": 0.01, "error_percent": 2, "network_tx_bytes_per_second": 1,
			"latency_p50_seconds": 0.03, "latency_p99_seconds": 2, "cpu_seconds_per_second": 0.01,
			"duration_gb_seconds_per_second": 0.1, "rows_read_per_second": 2, "rows_written_per_second": 0,
			"subrequests_per_second": 0.01,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			s := &server{answers: map[string]string{
				"/graphql": testdata(t, "analytics.json"),
				"/accounts/" + acct + "/pages/projects": envelope(
					`[{"name":"site","id":"1","production_script_name":"pages-worker--1-production"}]`),
			}}
			got, errs := metrics(t.Context(), open(t, served(s)), refs(tt.service, tt.id), window())
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			for name, want := range tt.want {
				if m, ok := got[tt.id][name]; !ok || math.Abs(m.Value-want) > 1e-9*max(1, want) {
					t.Errorf("%s: got %v (%v), want %v", name, m.Value, ok, want)
				}
			}
			for name, m := range got[tt.id] {
				if _, ok := tt.want[name]; !ok {
					t.Errorf("%s: got %v, want no reading", name, m.Value)
				}
			}
		})
	}
}

func TestReadingsAreDatedWhenTheyWereMeasured(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/graphql": testdata(t, "analytics.json")}}
	got, _ := metrics(t.Context(), open(t, served(s)), refs("r2", "r2/buckets/eu_logs"), window())
	for name, want := range map[string]time.Time{
		"requests_per_second": time.Date(2026, time.November, 24, 12, 29, 0, 0, time.UTC), // the last whole minute that is complete
		"storage_bytes":       time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC),
	} {
		if at := got["r2/buckets/eu_logs"][name].At.Time(); !at.Equal(want) {
			t.Errorf("%s: got %s, want %s", name, at, want)
		}
	}
}

func TestOnlyWhatIsAskedForIsAnswered(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/graphql": testdata(t, "analytics.json")}}
	got, errs := metrics(t.Context(), open(t, served(s)), refs("kv", "k-2"), window())
	if _, other := got["k-1"]; other || len(got["k-2"]) == 0 || len(errs) > 0 {
		t.Errorf("got %v, %v, want k-2 alone", got, errs)
	}
}

func TestEveryMetricThatIsReadIsDeclared(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/graphql": testdata(t, "analytics.json")}}
	conn := open(t, served(s))
	for service, id := range map[string]string{"workers": "workers/scripts/api", "kv": "k-1", "d1": "d-1", "queues": "q-1"} {
		svc, _ := conn.Spec().Service(service)
		got, _ := metrics(t.Context(), conn, refs(service, id), window())
		for name := range got[id] {
			if !slices.Contains(svc.Metrics, name) {
				t.Errorf("%s has %s, which its Spec does not declare", service, name)
			}
		}
	}
}

func TestShortWindowsAreReadAsTheyAre(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/graphql": testdata(t, "analytics.json")}}
	w := cloud.Window{From: now.Add(-3 * time.Minute), To: now}
	got, _ := metrics(t.Context(), open(t, served(s)), refs("workers", "workers/scripts/api"), w)
	if v := got["workers/scripts/api"]["requests_per_second"].Value; v != 50 { // 9000 in 180 s
		t.Errorf("got %v requests per second, want 50", v)
	}
}
