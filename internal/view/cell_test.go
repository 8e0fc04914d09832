package view

import (
	"math"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestWhatIsNoNumberIsBlank(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		want := Cell{Reason: NotMeasured}
		if got := number(v, Percent); got != want {
			t.Errorf("number(%v) = %+v, want %+v", v, got, want)
		}
		if got := known(v, Gigabytes); got != want {
			t.Errorf("known(%v) = %+v, want %+v", v, got, want)
		}
		want.Reason = PriceUnknown
		if got := amountCell(&v, "USD"); got != want {
			t.Errorf("amountCell(%v) = %+v, want %+v", v, got, want)
		}
	}
}

func TestZeroIsANumberAndAbsentIsNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		got  Cell
		want Cell
	}{
		{"a reading of zero", number(0, Percent), Cell{Text: "0%", Type: Number}},
		{"a count of zero", whole(0), Cell{Text: "0", Type: Number}},
		{"a count of which zero is unknown", known(0, NoUnit), Cell{}},
		{"a price of zero", amountCell(new(0.0), "USD"), Cell{Text: "$0.00/h", Type: Number}},
		{"no price", amountCell(nil, "USD"), Cell{Reason: PriceUnknown}},
		{"no text", text(""), Cell{}},
		{"a space", text(" "), Cell{Text: " ", Type: Text}},
		{"no", yes(false), Cell{Text: "no", Type: Bool}},
		{"yes", yes(true), Cell{Text: "yes", Num: 1, Type: Bool}},
		{"no moment", moment(time.Time{}), Cell{}},
		{"the epoch", moment(time.Unix(0, 0)), Cell{Text: "1970-01-01 00:00", Type: Time}},
		{"no beginning", since(time.Time{}, at()), Cell{}},
		{"just now", since(at(), at()), Cell{Text: "0s", Type: Number}},
		{"in the future, by a clock that is ahead", since(at().Add(time.Hour), at()), Cell{Text: "0s", Type: Number}},
	} {
		if c.got != c.want {
			t.Errorf("%s = %+v, want %+v", c.name, c.got, c.want)
		}
	}
}

func TestMomentsAreShownInUTCAndKeepTheirFraction(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CET", 3600)
	got := moment(time.Date(2026, 1, 1, 0, 30, 0, 250_000_000, zone))
	if want := (Cell{Text: "2025-12-31 23:30", Num: 1767223800.25, Type: Time}); got != want {
		t.Errorf("moment = %+v, want %+v", got, want)
	}
}

func TestCellsCompareByWhatTheyHold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		a, b Cell
		want int
	}{
		{"numbers by size", number(9, NoUnit), number(10, NoUnit), -1},
		{"not by their digits", number(1023, Bytes), number(1024, Bytes), -1},
		{"equal numbers", number(1, Percent), number(1, Percent), 0},
		{"texts by letters", text("a"), text("b"), -1},
		{"capitals first", text("b"), text("B"), 1},
		{"ranked texts by rank", statusCell(cloud.StatusStopped), statusCell(cloud.StatusRunning), 1},
		{"rank before letters", Cell{Text: "a", Type: Text, Num: 2}, Cell{Text: "z", Type: Text, Num: 1}, 1},
		{"numbers before texts", number(math.MaxFloat64, NoUnit), text("0"), -1},
		{"texts after moments", text("0"), moment(at()), 1},
		{"no before yes", yes(false), yes(true), -1},
		{"moments by time", moment(at()), moment(at().Add(time.Millisecond)), -1},
	} {
		if got := c.a.Compare(&c.b); got != c.want {
			t.Errorf("%s: %+v to %+v = %d, want %d", c.name, c.a, c.b, got, c.want)
		}
		if got := c.b.Compare(&c.a); got != -c.want {
			t.Errorf("%s, turned round: %d, want %d", c.name, got, -c.want)
		}
	}
}

func TestReasonsAreSaidInWords(t *testing.T) {
	t.Parallel()
	for reason, want := range map[Reason]string{
		NotSaid: "the provider does not say", NotMeasured: "not measured", PriceUnknown: "price unknown", NoGPU: "has no GPU",
		NotSuch: "does not apply", Reason(99): "the provider does not say",
	} {
		if got := reason.String(); got != want {
			t.Errorf("Reason(%d) = %q, want %q", reason, got, want)
		}
	}
}

func TestStatusesHaveAStyleAndARankOfTheirOwn(t *testing.T) {
	t.Parallel()
	styles := map[cloud.Status]Style{
		cloud.StatusRunning: Running, cloud.StatusStarting: Starting, cloud.StatusStopping: Stopping,
		cloud.StatusStopped: Stopped, cloud.StatusFailed: Failed, cloud.StatusDeleted: Deleted, cloud.StatusUnknown: Unknown,
	}
	for rank, s := range cloud.Statuses() {
		want := Cell{Text: string(s), Type: Text, Style: styles[s], Num: float64(rank)}
		if got := statusCell(s); got != want {
			t.Errorf("statusCell(%s) = %+v, want %+v", s, got, want)
		}
	}
	if got, want := statusCell(""), statusCell(cloud.StatusUnknown); got != want {
		t.Errorf("a resource without a status = %+v, want %+v", got, want)
	}
}

func TestUsageIsMarkedFromItsBoundsOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		metric string
		value  float64
		want   Style
	}{
		{cloud.CPUUsagePercent, 74.99, Plain}, {cloud.CPUUsagePercent, 75, Warn}, {cloud.CPUUsagePercent, 89.99, Warn},
		{cloud.CPUUsagePercent, 90, Alarm}, {cloud.CPUUsagePercent, 800, Alarm}, {cloud.CPUUsagePercent, math.NaN(), Plain},
		{cloud.MemoryUsagePercent, 95, Alarm}, {cloud.DiskUsagePercent, 80, Warn},
		{cloud.GPUUsagePercent, 100, Plain}, // a rented card that works is no alarm
		{cloud.ErrorPercent, 100, Plain},
	} {
		r := &cloud.Resource{Metrics: []cloud.Metric{{Name: c.metric, Value: c.value}}}
		if got := metricCell(r, c.metric, Percent).Style; got != c.want {
			t.Errorf("style of %s at %v = %d, want %d", c.metric, c.value, got, c.want)
		}
	}
}

func TestTheNewestReadingIsShown(t *testing.T) {
	t.Parallel()
	read := func(v float64, age time.Duration) cloud.Metric {
		return cloud.Metric{Name: cloud.CPUUsagePercent, Value: v, At: cloud.InstantOf(at().Add(-age))}
	}
	for _, c := range []struct {
		name    string
		metrics []cloud.Metric
		text    string
		newest  time.Time
	}{
		{"none", nil, "", time.Time{}},
		{"old first", []cloud.Metric{read(1, time.Minute), read(2, 0)}, "2%", at()},
		{"new first", []cloud.Metric{read(2, 0), read(1, time.Minute)}, "2%", at()},
		{"of one moment, the first", []cloud.Metric{read(3, 0), read(4, 0)}, "3%", at()},
		{"another's", []cloud.Metric{{Name: cloud.LoadAverage, Value: 5, At: cloud.InstantOf(at())}}, "", at()},
		{"without a moment", []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: 6}}, "6%", time.Time{}},
	} {
		r := &cloud.Resource{Metrics: c.metrics}
		if got := metricCell(r, cloud.CPUUsagePercent, Percent).Text; got != c.text {
			t.Errorf("%s: %q, want %q", c.name, got, c.text)
		}
		if got := Newest(c.metrics); !got.Equal(c.newest) {
			t.Errorf("%s: newest at %v, want %v", c.name, got, c.newest)
		}
	}
}
