package azure

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/loose"
)

// wholeReader reads an answer at subscription scope metric by metric: all of it at once is most of the memory of a large
// listing.
type wholeReader struct {
	*whole
	batch    *batch
	op       string
	interval string
	waiting  []metricValue // metrics that came before the interval
}

// streamWhole sends the call and keeps the newest values of its answer.
func (d *driver) streamWhole(ctx context.Context, b *batch, q url.Values) (*whole, error) {
	c := httpx.Call{
		Op:   "read metrics of all " + b.kind.service + " in " + b.region,
		Path: "/subscriptions/" + b.subscription + "/providers/Microsoft.Insights/metrics", Query: q,
	}
	var w *whole
	_, err := d.send(ctx, armAudience, c, func(dec *json.Decoder) error {
		w = &whole{newest: map[string][]cloud.Metric{}}
		r := &wholeReader{whole: w, batch: b, op: c.Op}
		if err := r.answer(dec); err != nil {
			return err
		}
		for i := range r.waiting {
			r.keep(&r.waiting[i])
		}
		return nil
	})
	return w, err
}

func (r *wholeReader) answer(dec *json.Decoder) error {
	return loose.Members(dec, func(key string) error {
		switch strings.ToLower(key) {
		case "interval":
			return r.odd(dec.Decode(&r.interval))
		case "value":
			return loose.Elements(dec, func() error { return r.metric(dec) })
		}
		return loose.Skip(dec)
	})
}

// metric reads the answer to one metric.
func (r *wholeReader) metric(dec *json.Decoder) error {
	var v metricValue
	err := loose.Members(dec, func(key string) error {
		switch strings.ToLower(key) {
		case "name":
			return r.odd(dec.Decode(&v.Name))
		case "errorcode":
			return r.odd(dec.Decode(&v.ErrorCode))
		case "errormessage":
			return r.odd(dec.Decode(&v.ErrorMessage))
		case "timeseries":
			return loose.Elements(dec, func() error {
				var s series
				err := r.odd(dec.Decode(&s))
				v.TimeSeries = append(v.TimeSeries, s)
				return err
			})
		}
		return loose.Skip(dec)
	})
	if r.interval == "" {
		r.waiting = append(r.waiting, v)
		return err
	}
	r.keep(&v)
	return err
}

func (r *wholeReader) keep(v *metricValue) {
	r.full = r.full || len(v.TimeSeries) >= mostAtOnce
	if m := r.batch.metric(v); m != nil {
		r.take(v, m, stepOf(r.interval), r.batch.window)
	}
}

// odd notes what is not of the published form, and lets the rest stand.
func (r *wholeReader) odd(err error) error { return oddPart(r.op, err, &r.missing) }

// take keeps of one metric's answer the newest value of each resource.
func (w *whole) take(v *metricValue, m *metric, step time.Duration, window cloud.Window) {
	if f := v.failure(); f != "" {
		w.failed = append(w.failed, f)
	}
	for i := range v.TimeSeries {
		s := &v.TimeSeries[i]
		newest, ok := m.newest(s, step, window)
		for _, is := range s.MetadataValues {
			if !strings.EqualFold(is.Name.Value, "Microsoft.ResourceId") {
				continue
			}
			id := strings.ToLower(is.Value)
			of := w.newest[id]
			if ok {
				of = append(of, newest)
			}
			w.newest[id] = of // also without a value: it was answered
		}
	}
}
