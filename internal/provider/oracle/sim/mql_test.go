package oraclesim

import (
	"strings"
	"testing"
	"time"
)

func TestQueriesAreParsed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, metric string
		interval     time.Duration
		filters      []filter
		groupBy      string
		all          bool
		statistic    string
	}{
		{`CpuUtilization[1m].mean()`, "CpuUtilization", time.Minute, nil, "", false, "mean"},
		{`CpuUtilization[5m].groupBy(resourceId).max()`, "CpuUtilization", 5 * time.Minute, nil, "resourceId", false, "max"},
		{` NetworksBytesIn [ 1m ].sum() `, "", 0, nil, "", false, ""},
		{`DiskBytesRead[1h]{availabilityDomain = "VeBZ:PHX-AD-1", faultDomain!="x"}.groupBy(availabilityDomain, shape).sum()`, "DiskBytesRead", time.Hour,
			[]filter{{"availabilityDomain", "=", "VeBZ:PHX-AD-1"}, {"faultDomain", "!=", "x"}}, "availabilityDomain shape", false, "sum"},
		{`LoadAverage[1d]{resourceDisplayName=~"web*|api*"}.grouping().percentile(0.9)`, "LoadAverage", 24 * time.Hour,
			[]filter{{"resourceDisplayName", "=~", "web*|api*"}}, "", true, "percentile"},
	} {
		q, err := parseQuery(tt.text)
		if tt.metric == "" {
			if err == nil {
				t.Errorf("%q is accepted: %+v", tt.text, q)
			}
			continue
		}
		if err != nil || q.metric != tt.metric || q.interval != tt.interval || strings.Join(q.groupBy, " ") != tt.groupBy ||
			q.all != tt.all || q.statistic != tt.statistic || len(q.filters) != len(tt.filters) {
			t.Errorf("%q: got %+v, %v", tt.text, q, err)
			continue
		}
		for i, f := range tt.filters {
			if q.filters[i] != f {
				t.Errorf("%q: filter %+v, want %+v", tt.text, q.filters[i], f)
			}
		}
	}
}

func TestBadQueriesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "CpuUtilization", "CpuUtilization.mean()", "[1m].mean()", "CpuUtilization[1m]", "CpuUtilization[1m].mean", "CpuUtilization[61m].mean()",
		"CpuUtilization[25h].mean()", "CpuUtilization[2d].mean()", "CpuUtilization[1s].mean()", "CpuUtilization[m].mean()", "CpuUtilization[0m].mean()",
		"CpuUtilization[1m.mean()", "CpuUtilization[1m]{}.mean()", "CpuUtilization[1m]{a}.mean()", `CpuUtilization[1m]{a=b}.mean()`,
		`CpuUtilization[1m]{a="b}.mean()`, `CpuUtilization[1m]{a="b" c="d"}.mean()`, `CpuUtilization[1m]{a!"b"}.mean()`,
		"CpuUtilization[1m].groupBy().mean()", "CpuUtilization[1m].mean().groupBy(a)", "CpuUtilization[1m].mean().max()",
		"CpuUtilization[1m].median()", "CpuUtilization[1m].percentile()", "CpuUtilization[1m].percentile(2)", "CpuUtilization[1m].percentile(NaN)",
		"CpuUtilization[1m].mean() > 80",
	} {
		if q, err := parseQuery(text); err == nil {
			t.Errorf("%q is accepted: %+v", text, q)
		}
	}
}

func FuzzQuery(f *testing.F) {
	f.Add(`DiskBytesRead[1h]{availabilityDomain = "VeBZ:PHX-AD-1"}.groupBy(shape).sum()`)
	f.Add(`a[1m]{b=~"*|c"}.grouping().percentile(0.5)`)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseQuery(text)
		if err != nil {
			return
		}
		if q.metric == "" || q.interval < time.Minute || q.interval > 24*time.Hour || q.statistic == "" {
			t.Errorf("%q is taken for %+v", text, q)
		}
		q.value([]float64{1, 2, 3})
		for _, c := range q.filters {
			c.matches("some value")
		}
	})
}

func TestStatisticsAreComputed(t *testing.T) {
	t.Parallel()
	raw := []float64{4, 1, 7}
	for statistic, want := range map[string]float64{
		"mean": 4, "avg": 4, "sum": 12, "max": 7, "min": 1, "count": 3, "first": 4, "last": 7, "increment": 3, "rate": 0.05, "percentile": 4,
	} {
		q := query{statistic: statistic, interval: time.Minute, percent: 0.5}
		if got := q.value(raw); got != want {
			t.Errorf("%s of %v is %v, want %v", statistic, raw, got, want)
		}
	}
}

func TestFiltersMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		f    filter
		v    string
		want bool
	}{
		{filter{"d", "=", "a"}, "a", true}, {filter{"d", "=", "a*"}, "ab", false}, {filter{"d", "!=", "a"}, "b", true},
		{filter{"d", "=~", "a*"}, "abc", true}, {filter{"d", "=~", "a*"}, "bac", false}, {filter{"d", "=~", "*c"}, "abc", true},
		{filter{"d", "=~", "x|*b*"}, "abc", true}, {filter{"d", "=~", "a*c*e"}, "abcde", true}, {filter{"d", "=~", "a*c*e"}, "abde", false},
		{filter{"d", "=~", "a"}, "a", true}, {filter{"d", "!~", "a*"}, "abc", false}, {filter{"d", "!~", "a*"}, "b", true},
	} {
		if got := tt.f.matches(tt.v); got != tt.want {
			t.Errorf("%+v matches %q: %v, want %v", tt.f, tt.v, got, tt.want)
		}
	}
}
