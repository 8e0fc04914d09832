package cloud_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// units are the ends that names of metrics have, the longer before those they end in.
func units() []string {
	return []string{"_bytes_per_second", "_per_second", "_percent", "_bytes", "_seconds", "_celsius", "_watts", "_count"}
}

func TestAMessageKeepsItsPartsInOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  cloud.Error
		want string
	}{
		{"nothing known", cloud.Error{}, ""},
		{"a status alone", cloud.Error{Kind: cloud.KindUnavailable, Status: 503}, "HTTP 503"},
		{"a code alone", cloud.Error{Kind: cloud.KindRequest, Code: "E_BAD"}, "E_BAD"},
		{"a code and a detail", cloud.Error{Code: "E_BAD", Detail: "no such field"}, "E_BAD no such field"},
		{"a status hides the cause", cloud.Error{Status: 500, Err: io.EOF}, "HTTP 500"},
		{"a code hides the cause", cloud.Error{Code: "E", Err: io.EOF}, "E"},
		{"a cause hides the kind", cloud.Error{Kind: cloud.KindNetwork, Err: io.EOF}, "EOF"},
		{"a hint is not part of it", cloud.Error{Kind: cloud.KindAuth, Hint: "make a key", RetryAfter: time.Minute}, "auth"},
	} {
		if got := c.err.Message(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		c.err.Op = "p: list"
		if got := c.err.Error(); got != "p: list: "+c.want {
			t.Errorf("%s, with its operation: %q, want %q", c.name, got, "p: list: "+c.want)
		}
	}
}

func TestCausesAreFoundThroughErrors(t *testing.T) {
	t.Parallel()
	inner := &cloud.Error{Kind: cloud.KindTimeout, Op: "inner", Err: context.DeadlineExceeded}
	outer := &cloud.Error{Kind: cloud.KindUnavailable, Op: "outer", Err: fmt.Errorf("wrapped: %w", inner)}
	if !errors.Is(outer, context.DeadlineExceeded) {
		t.Error("the first cause is not found")
	}
	if got, ok := errors.AsType[*cloud.Error](error(outer)); !ok || got != outer {
		t.Errorf("the error found in itself is %v", got)
	}
	if got := cloud.KindOf(outer); got != cloud.KindUnavailable {
		t.Errorf("KindOf is %q, want that of the outermost", got)
	}
	if (&cloud.Error{}).Unwrap() != nil {
		t.Error("an error without a cause has one")
	}
}

func TestKindsOfErrorsThatAreNotOurs(t *testing.T) {
	t.Parallel()
	timed, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	<-timed.Done()
	for _, c := range []struct {
		name string
		err  error
		want cloud.Kind
	}{
		{"a context that timed out", timed.Err(), cloud.KindTimeout},
		{"both at once: the user's word counts", errors.Join(context.DeadlineExceeded, context.Canceled), cloud.KindCancelled},
		{"a file", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, cloud.KindNetwork},
		{"a text", errors.New("context canceled"), cloud.KindNetwork}, // never by matching text
		{"an Error without a kind", &cloud.Error{Err: context.Canceled}, ""},
	} {
		if got := cloud.KindOf(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAPartialErrorSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	want := cloud.Error{Kind: cloud.KindPartial, Op: "gcp: list", Detail: "zone b did not answer"}
	if got := *cloud.Partial("gcp: list", "zone b did not answer"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTheFirstOfEqualNamesIsFound(t *testing.T) {
	t.Parallel()
	r := cloud.Resource{
		Attrs:   []cloud.Attr{{Name: "a", Value: nil}, {Name: "a", Value: 2}, {Name: "A", Value: 3}, {Name: "b", Value: []string{"x"}}},
		Metrics: []cloud.Metric{{Name: "m", Value: 1}, {Name: "m", Value: 2}, {Name: "n", Value: math.NaN()}},
	}
	for name, want := range map[string]any{"a": nil, "A": 3, "b": []string{"x"}, "": nil} {
		if got := r.Attr(name); !reflect.DeepEqual(got, want) {
			t.Errorf("Attr(%q) = %v, want %v", name, got, want)
		}
	}
	if m, ok := r.Metric("m"); !ok || m.Value != 1 {
		t.Errorf("Metric(m) = %v, %v; want the first", m, ok)
	}
	if m, ok := r.Metric("n"); !ok || !math.IsNaN(m.Value) {
		t.Errorf("Metric(n) = %v, %v; want what was read", m, ok)
	}
	var none cloud.Resource
	if _, ok := none.Metric("m"); ok || none.Attr("a") != nil || none.Ref() != (cloud.Ref{}) {
		t.Error("a resource of which nothing is known tells something")
	}
}

func TestARefIsTheSameForTheSameResource(t *testing.T) {
	t.Parallel()
	r := cloud.Resource{Provider: "p", Account: "a", ID: "i", Name: "before", Status: cloud.StatusRunning}
	seen := map[cloud.Ref]bool{r.Ref(): true}
	r.Name, r.Status, r.Metrics, r.Cost = "after", cloud.StatusFailed, []cloud.Metric{{}}, cloud.HourlyPrice(1, "", time.Time{})
	if !seen[r.Ref()] {
		t.Error("a name, a status or a reading changes the identity")
	}
	r.Account = "b"
	if seen[r.Ref()] {
		t.Error("another account has the same identity")
	}
}

func TestPriceOfOneCardIsUnknownWhereItCannotBeKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		price, count float64
		known        bool
	}{{8, -1, false}, {8, 0, false}, {8, math.SmallestNonzeroFloat64, true}, {0, 1, true}, {-1, 2, true}} {
		o := cloud.Offer{PricePerHour: &c.price, GPUCount: c.count}
		got := o.PricePerGPUHour()
		if (got != nil) != c.known {
			t.Errorf("%v for %v cards: got %v, want known: %v", c.price, c.count, got, c.known)
		}
		if got == o.PricePerHour && got != nil {
			t.Error("the price of one card is that of the offer itself: to change one changes the other")
		}
	}
}

func TestWordsAreStableAndWrittenAsTheDocumentHasThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		got  any
		want string
	}{
		{"classes", cloud.Classes(), `["compute","containers","functions","database","storage","ai","gpu"]`},
		{"statuses", cloud.Statuses(), `["running","starting","stopping","stopped","failed","deleted","unknown"]`},
		{"kinds of costs", []cloud.CostKind{cloud.CostBalance, cloud.CostSpend, cloud.CostEstimate, cloud.CostLimit}, `["balance","spend","estimate","limit"]`},
		{"kinds of errors", []cloud.Kind{
			cloud.KindAuth, cloud.KindDenied, cloud.KindThrottled, cloud.KindUnavailable, cloud.KindNetwork, cloud.KindTimeout, cloud.KindCancelled,
			cloud.KindNotFound, cloud.KindUnsupported, cloud.KindRequest, cloud.KindResponse, cloud.KindPartial, cloud.KindConfig,
		}, `["auth","denied","throttled","unavailable","network","timeout","cancelled","not_found","unsupported","request","response","partial","config"]`},
	} {
		data, err := json.Marshal(c.got)
		if err != nil || string(data) != c.want {
			t.Errorf("%s = %s, %v; want %s", c.name, data, err, c.want)
		}
	}
}

func TestListsOfWordsAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	cloud.Classes()[0], cloud.Statuses()[0] = "changed", "changed"
	if cloud.Classes()[0] != cloud.Compute || cloud.Statuses()[0] != cloud.StatusRunning {
		t.Error("a caller can change the lists of others")
	}
}

func TestNamesOfMetricsEndInTheirUnit(t *testing.T) {
	t.Parallel()
	names := []string{
		cloud.CPUUsagePercent, cloud.MemoryUsagePercent, cloud.MemoryUsedBytes, cloud.DiskUsagePercent, cloud.DiskUsedBytes, cloud.DiskReadBytesPerSec,
		cloud.DiskWriteBytesPerSec, cloud.DiskReadOpsPerSec, cloud.DiskWriteOpsPerSec, cloud.NetworkRxBytesPerSec, cloud.NetworkTxBytesPerSec,
		cloud.LoadAverage, cloud.GPUUsagePercent, cloud.GPUMemoryUsagePercent, cloud.GPUMemoryUsedBytes, cloud.GPUTemperatureCelsius, cloud.GPUPowerWatts,
		cloud.GPUECCErrorsCount, cloud.UptimeSeconds, cloud.RequestsPerSec, cloud.ErrorsPerSec, cloud.ErrorPercent, cloud.LatencyP50Seconds,
		cloud.LatencyP99Seconds, cloud.CPUTimeP50Seconds, cloud.CPUTimeP99Seconds, cloud.StorageBytes, cloud.ObjectsCount, cloud.ConnectionsCount,
		cloud.QueueDepthCount, cloud.WorkersRunningCount, cloud.WorkersIdleCount,
	}
	seen := map[string]bool{}
	for _, name := range names {
		unit := ""
		for _, end := range units() {
			if unit == "" && strings.HasSuffix(name, end) {
				unit = end
			}
		}
		stem := strings.TrimSuffix(name, unit)
		if unit == "" || seen[name] || stem == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
			t.Errorf("metric %q ends in unit %q, and is there twice: %v", name, unit, seen[name])
		}
		seen[name] = true
	}
}

func TestAnHourlyPriceKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{0, -1, math.Inf(1), math.SmallestNonzeroFloat64} {
		if p := cloud.HourlyPrice(v, "list", time.Time{}); p.Low != v || p.High != v || p.Currency != "USD" || p.Source != "list" || !p.At.IsZero() {
			t.Errorf("HourlyPrice(%v) = %+v", v, *p)
		}
	}
}

func TestInstantsAreTimes(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{
		{}, time.Date(2026, 11, 1, 12, 0, 0, 123456789, time.UTC), time.Date(1969, 7, 20, 20, 17, 40, 0, time.UTC),
		time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2261, 12, 31, 23, 59, 59, 999999999, time.UTC),
	} {
		i := cloud.InstantOf(at)
		if got := i.Time(); !got.Equal(at) || got.Location() != time.UTC || (i == 0) != at.IsZero() {
			t.Errorf("%s became %s", at, got)
		}
		text, err := json.Marshal(i)
		var back cloud.Instant
		if err != nil || json.Unmarshal(text, &back) != nil || back != i {
			t.Errorf("%s is written as %s and read as %s, %v", at, text, back, err)
		}
	}
	if got := cloud.InstantOf(time.Date(2026, 11, 1, 14, 0, 0, 0, time.FixedZone("CEST", 7200))).String(); got != "2026-11-01T12:00:00Z" {
		t.Errorf("a time of another zone is %s", got)
	}
	for _, at := range []time.Time{time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(1677, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if i := cloud.InstantOf(at); i != 0 {
			t.Errorf("%s became %s, want unknown", at, i)
		}
	}
}
