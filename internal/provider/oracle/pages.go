package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"net/url"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// pageSize is the most that the list calls give at once
// (docs.oracle.com/iaas/Content/API/Concepts/usingapi.htm#nine: 1 to 1,000).
const pageSize = "1000"

// call is a list call.
type call struct {
	op, url string
	query   url.Values
	wrapped bool // the answer is {"items": [...]}, not [...]
}

// pages yields every element of a paged list. A page that fails ends it.
func pages[T any](ctx context.Context, d *driver, c call) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		query := maps.Clone(c.query)
		query.Set("limit", pageSize)
		seen := map[string]bool{}
		for {
			var page []T
			keep := func(v *T) error { page = append(page, *v); return nil }
			h, err := d.api.Do(ctx, httpx.Call{Op: c.op, Path: c.url, Query: query}, func(in *json.Decoder) error {
				page = page[:0]
				if c.wrapped {
					return wrapped(in, keep)
				}
				return httpx.Each(keep)(in)
			})
			if err != nil {
				yield(zero, err)
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
			}
			next := h.Get("Opc-Next-Page")
			if next == "" {
				return
			}
			if seen[next] {
				yield(zero, &cloud.Error{Kind: cloud.KindResponse, Op: name + ": " + c.op, Detail: "the same page comes again"})
				return
			}
			seen[next] = true
			query.Set("page", next)
		}
	}
}

// wrapped reads {"items": [...]}.
func wrapped[T any](in *json.Decoder, keep func(*T) error) error {
	var answer struct {
		Items []T `json:"items"`
	}
	if err := in.Decode(&answer); err != nil {
		return err
	}
	for i := range answer.Items {
		if err := keep(&answer.Items[i]); err != nil {
			return err
		}
	}
	return nil
}

// resources lists a service's resources: every element that resource does not drop, mapped.
func resources[T any](
	ctx context.Context, d *driver, c call, resource func(*T) (cloud.Resource, bool),
) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		for v, err := range pages[T](ctx, d, c) {
			if err != nil {
				yield(cloud.Resource{}, err)
				return
			}
			if r, ok := resource(&v); ok && !yield(r, nil) {
				return
			}
		}
	}
}

// list returns the call that lists a service in a place.
func (d *driver) list(ctx context.Context, p place, op, api, path string) (call, error) {
	at, err := d.at(ctx, api, p.Scope.Region)
	return call{op: op, url: at + path, query: url.Values{"compartmentId": {p.compartment}}}, err
}

// withPolicy gives an error of a place that may not be read the policy statement that would allow it.
func withPolicy(err error, q cloud.Query) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok || e.Kind != cloud.KindDenied {
		return err
	}
	svc, _ := Spec().Service(q.Service)
	where := "tenancy"
	if q.Scope.Compartment != root {
		where = "compartment " + strings.ReplaceAll(q.Scope.Compartment, "/", ":")
	}
	out := *e
	out.Hint = "Allow group <your group> to " + svc.Permission + " in " + where
	return &out
}
