package oracle_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/sim"
)

const summarize = "/summarizeMetricsData"

func TestOneCallReadsAMetricOfAWholeTenancyInARegion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			service, region string
			options         map[string]any
			want            []string
		}{
			{"compute", "us-ashburn-1", nil, []string{
				"oci_computeagent CpuUtilization[1m].groupBy(resourceId).mean()",
				"oci_computeagent DiskBytesRead[1m].groupBy(resourceId).sum()",
				"oci_computeagent DiskBytesWritten[1m].groupBy(resourceId).sum()",
				"oci_computeagent MemoryUtilization[1m].groupBy(resourceId).mean()",
				"oci_computeagent NetworksBytesIn[1m].groupBy(resourceId).sum()",
				"oci_computeagent NetworksBytesOut[1m].groupBy(resourceId).sum()",
			}},
			{"containers", "us-ashburn-1", nil, []string{
				"oci_computecontainerinstance CpuUtilization[1m].groupBy(resourceId).mean()",
				"oci_computecontainerinstance MemoryUtilization[1m].groupBy(resourceId).mean()",
			}},
			{"autonomous_db", "us-ashburn-1", map[string]any{"detailed_metrics": true}, []string{
				"oci_autonomous_database CpuUtilization[1m].groupBy(resourceId).mean()",
				"oci_autonomous_database Sessions[1m].groupBy(resourceId).mean()",
				"oci_autonomous_database StorageUtilization[1h].groupBy(resourceId).mean()",
			}},
		} {
			s := open(t, setup{count: 100, options: tt.options})
			if _, errs := s.measure(tt.service, tt.region); len(errs) > 0 {
				t.Fatal(errs)
			}
			var got []string
			for _, c := range s.wire.calls(summarize) {
				got = append(got, c.details.Namespace+" "+c.details.Query)
				if c.query.Get("compartmentIdInSubtree") != "true" || c.query.Get("compartmentId") != s.cloud.Credentials().Values["tenancy"] {
					t.Errorf("%s is asked with %v, want the whole tenancy", c.details.Query, c.query)
				}
				if c.host != "telemetry.us-ashburn-1.oraclecloud.com" {
					t.Errorf("%s is asked at %s", c.details.Query, c.host)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: asked\n%s\nwant\n%s", tt.service, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		}
	})
}

func TestWindowsAreWholeIntervalsAndNotLongerThanNeeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, setup{count: 100})
		if _, errs := s.measure("autonomous_db", "us-ashburn-1"); len(errs) > 0 {
			t.Fatal(errs)
		}
		want := map[string][3]string{ // it is 12:01:30
			"CpuUtilization[1m].groupBy(resourceId).mean()":     {"2026-11-01T11:56:00Z", "2026-11-01T12:01:30Z", "1m"},
			"StorageUtilization[1h].groupBy(resourceId).mean()": {"2026-11-01T09:00:00Z", "2026-11-01T12:01:30Z", "1h"},
		}
		for _, c := range s.wire.calls(summarize) {
			if got := [3]string{c.details.StartTime, c.details.EndTime, c.details.Resolution}; got != want[c.details.Query] {
				t.Errorf("%s: window %v, want %v", c.details.Query, got, want[c.details.Query])
			}
		}
	})
}

func TestDetailedMetricsAreReadOnRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for detailed, want := range map[bool]int{false: 6, true: 9} {
			s := open(t, setup{count: 60, options: map[string]any{"detailed_metrics": detailed}})
			found, errs := s.measure("compute", "us-ashburn-1")
			if len(errs) > 0 || len(found) == 0 {
				t.Fatalf("%d measured, %v", len(found), errs)
			}
			for id, metrics := range found {
				if len(metrics) != want {
					t.Errorf("detailed %v: %s has %d metrics, want %d", detailed, id, len(metrics), want)
				}
			}
		}
	})
}

// TestARefusedTenancyIsReadByCompartment: compartmentIdInSubtree needs permission for the whole tenancy.
func TestARefusedTenancyIsReadByCompartment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		whole := open(t, setup{count: 60})
		want, _ := whole.measure("compute", "us-ashburn-1")
		s := open(t, setup{count: 60, answer: func(r *http.Request) *http.Response {
			if r.URL.Query().Get("compartmentIdInSubtree") == "true" && strings.HasSuffix(r.URL.Path, summarize) {
				return hidden(r)
			}
			return nil
		}})
		got, errs := s.measure("compute", "us-ashburn-1")
		if len(errs) > 0 || len(got) != len(want) || len(want) == 0 {
			t.Errorf("%d measured, want %d; %v", len(got), len(want), errs)
		}
		s.wire.forget()
		if _, errs = s.measure("compute", "us-ashburn-1"); len(errs) > 0 {
			t.Error(errs)
		}
		for _, c := range s.wire.calls(summarize) {
			if c.query.Has("compartmentIdInSubtree") {
				t.Error("the whole tenancy is asked for again, though it was refused")
			}
		}
	})
}

func TestACompartmentWhoseMetricsMayNotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		staging := ""
		s := open(t, setup{count: 60, answer: func(r *http.Request) *http.Response {
			q := r.URL.Query()
			if strings.HasSuffix(r.URL.Path, summarize) && (q.Get("compartmentIdInSubtree") == "true" || q.Get("compartmentId") == staging) {
				return hidden(r)
			}
			return nil
		}})
		staging = s.compartments()["staging"]
		found, errs := s.measure("compute", "us-ashburn-1")
		if len(found) == 0 || len(errs) == 0 {
			t.Fatalf("%d measured, %v", len(found), errs)
		}
		for _, err := range errs {
			e, ok := err.(*cloud.Error) //nolint:errorlint // as the sequence has it
			if !ok || e.Kind != cloud.KindPartial || !strings.Contains(e.Detail, "staging") || !strings.Contains(e.Hint, "read metrics") {
				t.Errorf("got %+v, want a partial answer that names staging and the policy", err)
			}
		}
	})
}

// compartments returns the OCIDs by path, as the calls for instances had them.
func (s *site) compartments() map[string]string {
	s.Helper()
	scopes, _ := s.scopes()
	out := map[string]string{}
	for _, scope := range scopes {
		s.wire.forget()
		for range s.conn.Driver().List(s.Context(), cloud.Query{Service: "compute", Scope: scope}) {
			continue
		}
		out[scope.Compartment] = s.wire.calls("/instances")[0].query.Get("compartmentId")
	}
	return out
}

// TestTheHypervisorIsAskedOnlyForInstancesWithoutAgent: us-ashburn-1 has none of them, eu-frankfurt-1 has.
func TestTheHypervisorIsAskedOnlyForInstancesWithoutAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for region, want := range map[string]int{"us-ashburn-1": 0, "eu-frankfurt-1": 1} {
			s := open(t, setup{count: 300})
			found, errs := s.measure("compute", region)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			asked := 0
			for _, c := range s.wire.calls(summarize) {
				if c.details.Namespace == "oci_vmi_resource_utilization" {
					asked++
				}
			}
			if asked != want {
				t.Errorf("%s: the hypervisor was asked %d times, want %d", region, asked, want)
			}
			alone := 0
			for _, metrics := range found {
				if _, ok := metrics[cloud.CPUUsagePercent]; ok && len(metrics) == 1 {
					alone++
				}
			}
			if (alone > 0) != (want > 0) {
				t.Errorf("%s: %d instances have only their CPU", region, alone)
			}
		}
	})
}

// TestCardsAreJoined: a GPU's metrics come as one stream for each card, and the plugin may name the instance otherwise.
func TestCardsAreJoined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, dimension := range []string{"resourceId", "instanceId"} {
			values := map[string][]float64{
				"GpuUtilization": {10, 20, 60}, "GpuMemoryUtilization": {0, 0, 30}, "GpuTemperature": {50, 71, 60}, "GpuPowerDraw": {100, 50, 25.5},
			}
			s := open(t, setup{count: 10, answer: streams(func(d query) string {
				name, _, _ := strings.Cut(d.Query, "[")
				var all []string
				for i, v := range values[name] {
					all = append(all, fmt.Sprintf(`{"namespace":"n","name":%q,"compartmentId":"c","dimensions":{%q:"ocid1.instance.x","card":"%d"},
					"aggregatedDatapoints":[{"timestamp":"2026-11-01T12:00:00Z","value":%v},{"timestamp":"2026-11-01T11:59:00Z","value":99}]}`, name, dimension, i, v))
				}
				return strings.Join(all, ",")
			})})
			found, errs := s.measureRefs([]cloud.Ref{{Region: "us-phoenix-1", Compartment: "root", Service: "compute", ID: "ocid1.instance.x", GPU: true}})
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			for name, want := range map[string]float64{
				cloud.GPUUsagePercent: 30, cloud.GPUMemoryUsagePercent: 10, cloud.GPUTemperatureCelsius: 71, cloud.GPUPowerWatts: 175.5,
			} {
				if got := found["ocid1.instance.x"][name]; math.Abs(got.Value-want) > 1e-9 || !got.At.Time().Equal(sim.Epoch) {
					t.Errorf("%s: %s = %+v, want %v at %s", dimension, name, got, want, sim.Epoch)
				}
			}
		}
	})
}

// query is what a call for metrics asks.
type query struct{ Namespace, Query string }

// streams answers calls for metrics with what of returns for each: MetricData, separated by commas.
func streams(of func(query) string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		if !strings.HasSuffix(r.URL.Path, summarize) {
			return nil
		}
		var d query
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &d) != nil {
			return response(r, http.StatusBadRequest, `{"code":"CannotParseRequest","message":"?"}`)
		}
		return response(r, http.StatusOK, "["+of(d)+"]")
	}
}

// TestPointsThatSayNothingAreNoReading: nulls, no points, unknown resources.
func TestPointsThatSayNothingAreNoReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, setup{count: 10, answer: streams(func(q query) string {
			if !strings.HasPrefix(q.Query, "CpuUtilization") || q.Namespace != "oci_computeagent" {
				return ""
			}
			return `{"dimensions":{"resourceId":"null"},"aggregatedDatapoints":[{"timestamp":"2026-11-01T12:00:00Z","value":null}]},
			{"dimensions":{"resourceId":"empty"},"aggregatedDatapoints":[]},
			{"dimensions":{"resourceId":"stranger"},"aggregatedDatapoints":[{"timestamp":"2026-11-01T12:00:00Z","value":1}]},
			{"dimensions":{},"aggregatedDatapoints":[{"timestamp":"2026-11-01T12:00:00Z","value":2}]},
			{"dimensions":{"resourceId":"zero"},"aggregatedDatapoints":[{"timestamp":"2026-11-01T12:00:00Z","value":0}]},
			{"dimensions":{"resourceId":"mixed"},"aggregatedDatapoints":[{"timestamp":"2026-11-01T12:01:00Z","value":null},{"timestamp":"2026-11-01T12:00:00Z","value":7}]}`
		})})
		var refs []cloud.Ref
		for _, id := range []string{"null", "empty", "zero", "mixed"} {
			refs = append(refs, cloud.Ref{Region: "us-ashburn-1", Compartment: "root", Service: "compute", ID: id})
		}
		found, errs := s.measureRefs(refs)
		if len(errs) > 0 || len(found) != 2 {
			t.Fatalf("measured %v, want zero and mixed; %v", found, errs)
		}
		if got, ok := found["zero"][cloud.CPUUsagePercent]; !ok || got.Value != 0 {
			t.Errorf("a reading of zero is %+v", got)
		}
		if got := found["mixed"][cloud.CPUUsagePercent]; got.Value != 7 || !got.At.Time().Equal(sim.Epoch) {
			t.Errorf("the newest value is %+v, want 7 at %s", got, sim.Epoch)
		}
	})
}

// many returns refs that are more than an answer holds, all in one compartment.
func many(n int) []cloud.Ref {
	refs := make([]cloud.Ref, n)
	for i := range refs {
		refs[i] = cloud.Ref{Region: "us-ashburn-1", Compartment: "prod/web", Service: "containers", ID: fmt.Sprint("id-", i)}
	}
	return refs
}

// TestMoreThanAnAnswerHoldsIsSplit: Oracle says that an answer holds 2,000 streams, and not what happens to the others.
// Both ways end with every reading.
func TestMoreThanAnAnswerHoldsIsSplit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const total = 5000
		for _, refuses := range []bool{false, true} {
			s := open(t, setup{count: 300})
			s.list("compute") // from which the availability domains are known
			s.wire.answer = func(r *http.Request) *http.Response {
				if !strings.HasSuffix(r.URL.Path, summarize) {
					return nil
				}
				var d query
				body, _ := io.ReadAll(r.Body)
				if err := json.Unmarshal(body, &d); err != nil {
					return response(r, http.StatusBadRequest, `{"code":"CannotParseRequest","message":"?"}`)
				}
				return crowd(r, d.Query, total, refuses)
			}
			found, errs := s.measureRefs(many(total))
			if len(errs) > 0 || len(found) != total {
				t.Errorf("refusing %v: %d of %d measured, %v", refuses, len(found), total, errs)
			}
		}
	})
}

// crowd answers with the streams that pass the query's filter, of which resource i is in availability domain i%3 and
// fault domain i/3%3.
func crowd(r *http.Request, text string, total int, refuses bool) *http.Response {
	var out []string
	for i := range total {
		if strings.Contains(text, "availabilityDomain") && !strings.Contains(text, fmt.Sprintf(`-AD-%d"`, i%3+1)) ||
			strings.Contains(text, "faultDomain") && !strings.Contains(text, fmt.Sprintf("FAULT-DOMAIN-%d", i/3%3+1)) {
			continue
		}
		out = append(out, fmt.Sprintf(`{"dimensions":{"resourceId":"id-%d"},"aggregatedDatapoints":[{"timestamp":"2026-11-01T12:00:00Z","value":5}]}`, i))
	}
	if len(out) > 2000 && refuses {
		return response(r, http.StatusBadRequest, `{"code":"InvalidParameter","message":"The query would return too many metric streams"}`)
	}
	return response(r, http.StatusOK, "["+strings.Join(out[:min(len(out), 2000)], ",")+"]")
}

func TestWhatCannotBeSplitAnyFurtherIsSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, setup{count: 300, answer: func(r *http.Request) *http.Response {
			if !strings.HasSuffix(r.URL.Path, summarize) {
				return nil
			}
			return crowd(r, "", 2500, false)
		}})
		s.list("compute")
		found, errs := s.measureRefs(many(2500))
		if len(found) != 2000 || len(errs) == 0 {
			t.Fatalf("%d measured, %v", len(found), errs)
		}
		for _, err := range errs {
			if cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "2,000 streams") {
				t.Errorf("got %v, want a partial answer that says why", err)
			}
		}
	})
}

func TestOneMetricThatFailsLeavesTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, setup{count: 60, answer: func(r *http.Request) *http.Response {
			if !strings.HasSuffix(r.URL.Path, summarize) {
				return nil
			}
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			if strings.Contains(string(body), "DiskBytesRead") {
				return response(r, http.StatusInternalServerError, `{"code":"InternalServerError","message":"An internal server error occurred."}`)
			}
			return nil
		}})
		found, errs := s.measure("compute", "us-ashburn-1")
		if len(errs) != 1 || cloud.KindOf(errs[0]) != cloud.KindPartial || !strings.Contains(errs[0].Error(), "DiskBytesRead") {
			t.Errorf("got %v, want one partial error that names the metric", errs)
		}
		for id, metrics := range found {
			if len(metrics) != 5 {
				t.Errorf("%s has %d metrics, want 5", id, len(metrics))
			}
		}
		if len(found) == 0 {
			t.Error("nothing was measured")
		}
	})
}

func TestReadingsAreAsOldAsOracleSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, setup{count: 40})
		found, _ := s.measure("compute", "us-ashburn-1")
		for id, metrics := range found {
			for name, m := range metrics {
				if want := sim.Epoch; !m.At.Time().Equal(want) || m.At.Time().Location() != time.UTC {
					t.Errorf("%s of %s is of %s, want %s", name, id, m.At, want)
				}
			}
		}
		if len(found) == 0 {
			t.Error("nothing was measured")
		}
	})
}
