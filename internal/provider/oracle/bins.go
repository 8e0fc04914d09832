package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

const (
	// mostStreams is how many streams one answer holds
	// (docs.oracle.com/iaas/api/#/en/monitoring/20180401/MetricData/); whether more are cut off or refused, it does not
	// say. safeStreams leaves room for what was removed a moment ago and still counts.
	mostStreams = 2000
	safeStreams = 1800
)

// bin is a part of a region's resources that one call asks for.
type bin struct {
	compartment string // OCID; empty = the whole tenancy
	path        string
	ad, fd      string // availability and fault domain; empty = all
	size        int    // resources, where known
}

// first returns the bins to begin with: the whole tenancy, unless that is refused or too much for one answer.
func (m *measuring) first() []bin {
	if !m.noSubtree.Load() {
		return m.fit(bin{size: len(m.refs)})
	}
	var out []bin
	for _, b := range m.places {
		out = append(out, m.fit(b)...)
	}
	return out
}

// fit splits a bin until its parts hold no more than an answer does, as far as can be told beforehand.
func (m *measuring) fit(b bin) []bin {
	parts := m.split(b)
	if b.size <= safeStreams || len(parts) == 0 {
		return []bin{b}
	}
	var out []bin
	for _, p := range parts {
		if b.compartment != "" {
			p.size = b.size / len(parts)
		}
		out = append(out, m.fit(p)...)
	}
	return out
}

// split returns the parts of a bin: its compartments, its availability domains, its fault domains; none where it
// cannot be split any further.
func (m *measuring) split(b bin) []bin {
	var out []bin
	switch {
	case b.compartment == "":
		return slices.Clone(m.places)
	case b.ad == "":
		for _, ad := range m.notes.adsOf(m.region) {
			part := b
			part.ad = ad
			out = append(out, part)
		}
	case b.fd == "":
		for _, fd := range []string{"FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3"} { // every domain has three
			part := b
			part.fd = fd
			out = append(out, part)
		}
	}
	return out
}

// ask reads one bin. It returns the bins to ask instead, where the answer was refused or full.
func (m *measuring) ask(ctx context.Context, b bin, got *measured) ([]bin, error) {
	r := &got.reading
	query, body := m.request(r, b)
	var streams int
	var odd oddities
	decode := func(in *json.Decoder) error {
		streams, odd = 0, oddities{}
		got.answer++
		var s stream
		return list(in, &s, func(err error) {
			streams++
			odd.add(err, s.Points.odd)
			m.keep(&s, got)
			s.empty()
		})
	}
	call := httpx.Call{Op: "read metric " + r.metric, Path: m.url, Query: query, Body: body}
	_, err := m.api.Do(ctx, call, decode)
	kind := cloud.KindOf(err)
	switch {
	case err == nil && streams < mostStreams:
		return nil, odd.partial(call.Op)
	case err == nil:
		return m.full(r, b)
	case b.compartment == "" && (kind == cloud.KindDenied || kind == cloud.KindNotFound || kind == cloud.KindRequest):
		m.noSubtree.Store(true)
		return m.split(b), nil
	case kind == cloud.KindRequest && len(m.split(b)) > 0 && len(m.refs) > safeStreams:
		return m.split(b), nil
	case kind == cloud.KindDenied:
		return nil, m.denied(b, err)
	}
	return nil, partially(err)
}

// full says what to do about an answer that holds as many streams as any can.
func (m *measuring) full(r *reading, b bin) ([]bin, error) {
	if parts := m.split(b); len(parts) > 0 {
		return parts, nil
	}
	return nil, cloud.Partial(name+": read metric "+r.metric,
		"Oracle gives no more than 2,000 streams at once: some instances of "+b.path+" may be without "+r.name)
}

// denied says that the metrics of one compartment may not be read.
func (m *measuring) denied(b bin, err error) error {
	out := &cloud.Error{
		Kind: cloud.KindPartial, Op: name + ": read metrics",
		Detail: "the metrics of the compartment " + b.path + " may not be read",
		Hint:   "Allow group <your group> to read metrics in tenancy", Err: err,
	}
	if e, ok := errors.AsType[*cloud.Error](err); ok {
		out.Status, out.Code = e.Status, e.Code
	}
	return out
}
