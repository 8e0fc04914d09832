package oracle

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// inBins is a measuring of n resources in compartments of these sizes, in a region with that many availability domains.
func inBins(ads int, sizes ...int) *measuring {
	d := &driver{notes: newNotes()}
	for i := range ads {
		d.notes.sawAD("r", fmt.Sprint("ad-", i+1))
	}
	m := &measuring{driver: d, region: "r", tenancy: "t", url: "https://telemetry"}
	for i, n := range sizes {
		m.places = append(m.places, bin{compartment: fmt.Sprint("c", i), path: fmt.Sprint("p", i), size: n})
		m.refs = append(m.refs, make([]cloud.Ref, n)...)
	}
	return m
}

func names(bins []bin) string {
	var out []string
	for _, b := range bins {
		out = append(out, strings.Trim(strings.Join([]string{b.compartment, b.ad, b.fd}, "/"), "/"))
	}
	return strings.Join(out, " ")
}

// TestAsFewCallsAsAnAnswerAllows: the whole tenancy at once, else compartments, else their domains.
func TestAsFewCallsAsAnAnswerAllows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		ads     int
		sizes   []int
		refused bool // the whole tenancy was
		want    string
	}{
		{"few", 3, []int{10, 20}, false, ""},
		{"as many as are safe", 3, []int{900, 900}, false, ""},
		{"more in all than are safe", 3, []int{900, 901}, false, "c0 c1"},
		{"refused", 3, []int{10, 20}, true, "c0 c1"},
		{"one compartment is too much", 3, []int{10, 5400}, false, "c0 c1/ad-1 c1/ad-2 c1/ad-3"},
		{"a domain is too much", 1, []int{5400}, false, "c0/ad-1/FAULT-DOMAIN-1 c0/ad-1/FAULT-DOMAIN-2 c0/ad-1/FAULT-DOMAIN-3"},
		{"domains are not known", 0, []int{5400}, false, "c0"},
		{"what cannot be split is asked whole", 1, []int{9000}, false, "c0/ad-1/FAULT-DOMAIN-1 c0/ad-1/FAULT-DOMAIN-2 c0/ad-1/FAULT-DOMAIN-3"},
		{"nothing", 3, nil, true, ""},
	} {
		m := inBins(tt.ads, tt.sizes...)
		m.noSubtree.Store(tt.refused)
		if got := names(m.first()); got != tt.want {
			t.Errorf("%s: asks %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBinsAreSplitDownToFaultDomains(t *testing.T) {
	t.Parallel()
	m := inBins(2, 10, 20)
	for _, tt := range []struct {
		b    bin
		want string
	}{
		{bin{}, "c0 c1"}, {bin{compartment: "c0"}, "c0/ad-1 c0/ad-2"},
		{bin{compartment: "c0", ad: "ad-1"}, "c0/ad-1/FAULT-DOMAIN-1 c0/ad-1/FAULT-DOMAIN-2 c0/ad-1/FAULT-DOMAIN-3"},
		{bin{compartment: "c0", ad: "ad-1", fd: "FAULT-DOMAIN-1"}, ""},
	} {
		if got := names(m.split(tt.b)); got != tt.want {
			t.Errorf("%+v is split into %q, want %q", tt.b, got, tt.want)
		}
	}
}

// TestABinIsAskedForByItsDimensions and an interval that begins on a whole step.
func TestABinIsAskedForByItsDimensions(t *testing.T) {
	t.Parallel()
	m := inBins(1, 10)
	to := time.Date(2026, 11, 1, 12, 3, 30, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		r      reading
		b      bin
		span   time.Duration
		query  string
		params string
		start  string
	}{
		{"the tenancy", cpuReading(), bin{}, 5 * time.Minute, "CpuUtilization[1m].groupBy(resourceId).mean()", "compartmentId=t&compartmentIdInSubtree=true", "2026-11-01T11:58:00Z"},
		{"a compartment", cpuReading(), bin{compartment: "c0"}, 5 * time.Minute, "CpuUtilization[1m].groupBy(resourceId).mean()", "compartmentId=c0", "2026-11-01T11:58:00Z"},
		{"a fault domain", cpuReading(), bin{compartment: "c0", ad: "a", fd: "f"}, 5 * time.Minute,
			`CpuUtilization[1m]{availabilityDomain = "a", faultDomain = "f"}.groupBy(resourceId).mean()`, "compartmentId=c0", "2026-11-01T11:58:00Z"},
		{"a long window is cut", cpuReading(), bin{}, 24 * time.Hour, "CpuUtilization[1m].groupBy(resourceId).mean()", "compartmentId=t&compartmentIdInSubtree=true", "2026-11-01T11:53:00Z"},
		{"an hourly metric", reading{metric: "S", statistic: "mean", step: time.Hour, span: 3 * time.Hour}, bin{}, 5 * time.Minute,
			"S[1h].groupBy(resourceId).mean()", "compartmentId=t&compartmentIdInSubtree=true", "2026-11-01T09:00:00Z"},
	} {
		m.window = cloud.Window{From: to.Add(-tt.span), To: to}
		params, body := m.request(&tt.r, tt.b)
		if params.Encode() != tt.params || body.Query != tt.query || body.StartTime != tt.start || body.EndTime != "2026-11-01T12:03:30Z" ||
			body.Resolution != mqlInterval(tt.r.interval()) || body.Namespace != tt.r.namespace {
			t.Errorf("%s: asks %s for %+v, want %s for %s from %s", tt.name, params.Encode(), body, tt.params, tt.query, tt.start)
		}
	}
}

func TestAFullAnswerIsSplitOrSaid(t *testing.T) {
	t.Parallel()
	m := inBins(1, 10)
	r := cpuReading()
	parts, err := m.full(&r, bin{compartment: "c0", path: "p0"})
	if err != nil || names(parts) != "c0/ad-1" {
		t.Errorf("split into %q, %v", names(parts), err)
	}
	parts, err = m.full(&r, bin{compartment: "c0", path: "p0", ad: "ad-1", fd: "FAULT-DOMAIN-1"})
	if parts != nil || cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "p0 may be without cpu_usage_percent") {
		t.Errorf("split into %q, said %v, want it to be said", names(parts), err)
	}
}

func TestDeniedMetricsNameTheCompartment(t *testing.T) {
	t.Parallel()
	m := inBins(1, 10)
	cause := &cloud.Error{Kind: cloud.KindDenied, Status: 404, Code: "NotAuthorizedOrNotFound"}
	e, ok := errors.AsType[*cloud.Error](m.denied(bin{path: "prod/web"}, cause))
	if !ok || e.Kind != cloud.KindPartial || e.Status != 404 || e.Code != cause.Code || !strings.Contains(e.Detail, "prod/web") ||
		e.Hint != "Allow group <your group> to read metrics in tenancy" || !errors.Is(e, cause) {
		t.Errorf("got %+v", e)
	}
}

// TestNotesAreByRegion: what is coming or going in one, and the domains that were seen there.
func TestNotesAreByRegion(t *testing.T) {
	t.Parallel()
	n := newNotes()
	n.setQuiet("iad", "prod", 2)
	n.setQuiet("iad", "web", 3)
	n.setQuiet("phx", "prod", 7)
	n.setQuiet("iad", "prod", 1) // the newest listing counts
	for _, ad := range []string{"b", "a", "b"} {
		n.sawAD("iad", ad)
	}
	if got := n.quietIn("iad", []string{"prod", "web", "none"}); got != 4 {
		t.Errorf("%d instances are quiet, want 4", got)
	}
	if got := n.adsOf("iad"); !slices.Equal(got, []string{"a", "b"}) || len(n.adsOf("phx")) != 0 {
		t.Errorf("domains %q and %q", got, n.adsOf("phx"))
	}
}
