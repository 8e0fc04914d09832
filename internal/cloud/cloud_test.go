package cloud_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestAnErrorSaysWhatItKnows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err           *cloud.Error
		text, message string
	}{
		{&cloud.Error{Kind: cloud.KindAuth}, "auth", "auth"},
		{&cloud.Error{Kind: cloud.KindAuth, Op: "x: list"}, "x: list: auth", "auth"},
		{&cloud.Error{Op: "x: list", Status: 403, Code: "NotAllowed", Detail: "may not"}, "x: list: HTTP 403 NotAllowed may not", "HTTP 403 NotAllowed may not"},
		{&cloud.Error{Kind: cloud.KindNetwork, Err: io.ErrUnexpectedEOF}, "unexpected EOF", "unexpected EOF"},
		{&cloud.Error{Kind: cloud.KindNetwork, Detail: "broke", Err: io.ErrUnexpectedEOF}, "broke", "broke"},
		{cloud.Partial("x: list", "zone b is missing"), "x: list: zone b is missing", "zone b is missing"},
	} {
		if c.err.Error() != c.text || c.err.Message() != c.message {
			t.Errorf("got %q and %q, want %q and %q", c.err.Error(), c.err.Message(), c.text, c.message)
		}
	}
}

func TestKindOfAnError(t *testing.T) {
	t.Parallel()
	denied := &cloud.Error{Kind: cloud.KindDenied, Err: context.Canceled}
	for _, c := range []struct {
		err  error
		want cloud.Kind
	}{
		{nil, ""},
		{denied, cloud.KindDenied},
		{fmt.Errorf("list: %w", denied), cloud.KindDenied},
		{errors.Join(io.EOF, denied), cloud.KindDenied},
		{cloud.Partial("", ""), cloud.KindPartial},
		{context.Canceled, cloud.KindCancelled},
		{fmt.Errorf("get: %w", context.DeadlineExceeded), cloud.KindTimeout},
		{io.ErrUnexpectedEOF, cloud.KindNetwork},
	} {
		if got := cloud.KindOf(c.err); got != c.want {
			t.Errorf("KindOf(%v) = %q, want %q", c.err, got, c.want)
		}
	}
	if !errors.Is(denied, context.Canceled) {
		t.Error("the cause is not found")
	}
}

func TestAResourceTellsItsParts(t *testing.T) {
	t.Parallel()
	r := cloud.Resource{
		Provider: "p", Account: "a", Region: "r", Compartment: "c", Service: "s", Type: "t", ID: "i",
		Attrs:   []cloud.Attr{{Name: "disk_size_gb", Value: 10}, {Name: "locked", Value: false}},
		Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent}, {Name: cloud.LoadAverage, Value: 2}},
	}
	if got, want := r.Ref(), (cloud.Ref{"p", "a", "r", "c", "s", "t", "i", false}); got != want {
		t.Errorf("Ref: got %+v, want %+v", got, want)
	}
	r.GPU = &cloud.GPU{}
	if !r.Ref().GPU {
		t.Error("a resource with a GPU of unknown count has none")
	}
	if r.Attr("disk_size_gb") != 10 || r.Attr("locked") != false || r.Attr("nothing") != nil {
		t.Errorf("Attr: got %v, %v, %v", r.Attr("disk_size_gb"), r.Attr("locked"), r.Attr("nothing"))
	}
	if m, ok := r.Metric(cloud.CPUUsagePercent); !ok || m.Value != 0 {
		t.Errorf("Metric: got %v, %v, want a reading of zero", m, ok)
	}
	if m, ok := r.Metric(cloud.GPUPowerWatts); ok {
		t.Errorf("Metric: got %v, want none: what was not measured is absent", m)
	}
}

func TestPriceOfOneCard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		price *float64
		count float64
		want  *float64
	}{
		{new(8.0), 4, new(2.0)}, {new(1.0), 0.5, new(2.0)}, {new(0.0), 4, new(0.0)}, {nil, 4, nil}, {new(8.0), 0, nil},
	} {
		o := cloud.Offer{PricePerHour: c.price, GPUCount: c.count}
		got := o.PricePerGPUHour()
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%v for %v cards: got %v, want %v", c.price, c.count, got, c.want)
		}
	}
}

func TestHourlyPriceIsAPointInDollars(t *testing.T) {
	t.Parallel()
	at := time.Unix(1, 0)
	if got, want := *cloud.HourlyPrice(0.5, "listing", at), (cloud.Price{0.5, 0.5, "USD", "listing", at}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestListsOfWordsAreComplete(t *testing.T) {
	t.Parallel()
	if c := cloud.Classes(); len(c) != 7 || !slices.Contains(c, cloud.GPUs) || !slices.Contains(c, cloud.Compute) {
		t.Errorf("got classes %v", c)
	}
	if s := cloud.Statuses(); len(s) != 7 || !slices.Contains(s, cloud.StatusUnknown) || s[0] != cloud.StatusRunning {
		t.Errorf("got statuses %v", s)
	}
}
