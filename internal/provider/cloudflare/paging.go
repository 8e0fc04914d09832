package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"strconv"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// envelope is every answer of the REST API.
type envelope[T any] struct {
	Success *bool       `json:"success"`
	Errors  []apiError  `json:"errors"`
	Result  *T          `json:"result"`
	Info    *resultInfo `json:"result_info"`
}

type resultInfo struct {
	Page       float64 `json:"page"`
	PerPage    float64 `json:"per_page"`
	TotalCount float64 `json:"total_count"`
	TotalPages float64 `json:"total_pages"`
	Cursor     string  `json:"cursor"`
}

// get makes one call and opens the envelope. What is missing in it is an error, never an empty result.
func get[T any](ctx context.Context, d *driver, c httpx.Call) (T, resultInfo, error) {
	var zero T
	var e envelope[T]
	_, err := d.api.Do(ctx, c, func(dec *json.Decoder) error {
		e = envelope[T]{}
		return dec.Decode(&e)
	})
	if err != nil {
		return zero, resultInfo{}, err
	}
	op := name + ": " + c.Op
	if e.Success != nil && !*e.Success && len(e.Errors) > 0 {
		f := faultOf(http.StatusOK, e.Errors)
		if f.Kind == "" {
			f.Kind = cloud.KindResponse
		}
		return zero, resultInfo{}, &cloud.Error{
			Kind: f.Kind, Op: op, Code: f.Code, Detail: httpx.Redact(f.Detail, d.api.Secrets), Hint: f.Hint,
		}
	}
	if e.Result == nil {
		return zero, resultInfo{}, &cloud.Error{Kind: cloud.KindResponse, Op: op, Detail: "the answer has no result"}
	}
	if e.Info == nil {
		e.Info = &resultInfo{}
	}
	return *e.Result, *e.Info, nil
}

// listing is a list that is paged by number.
type listing struct {
	op      string
	path    string
	query   url.Values
	perPage int  // the largest page that the endpoint gives; 0 = it is not paged
	silent  bool // the size is the endpoint's own: it refuses to be told
}

// fault is an answer that no list gives.
func (l *listing) fault(format string, args ...any) error {
	return &cloud.Error{Kind: cloud.KindResponse, Op: name + ": " + l.op, Detail: fmt.Sprintf(format, args...)}
}

type page[T any] struct {
	rows []T
	info resultInfo
	err  error
}

func fetch[T any](ctx context.Context, d *driver, l *listing, n int) page[T] {
	q := url.Values{}
	maps.Copy(q, l.query)
	if l.perPage > 0 && !l.silent {
		q.Set("per_page", strconv.Itoa(l.perPage))
	}
	if l.perPage > 0 && n > 1 || l.perPage > 0 && !l.silent {
		q.Set("page", strconv.Itoa(n))
	}
	rows, info, err := get[[]T](ctx, d, httpx.Call{Op: l.op, Path: l.path, Query: q})
	if err == nil && n > 1 && info.Page > 0 && int(info.Page) != n {
		err = l.fault("asked for page %d and got page %d", n, int(info.Page))
	}
	return page[T]{rows, info, err}
}

const (
	pagesAtOnce = 4      // of one list that are under way
	mostPages   = 10_000 // of one list; more are a fault of the answer
)

// paged yields every row of a list: the first page says how many there are, the others are asked for in parallel.
func paged[T any](ctx context.Context, d *driver, l listing) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		first := fetch[T](ctx, d, &l, 1)
		if !give(first, yield) || l.perPage == 0 {
			return
		}
		total, known := first.info.pages()
		if !known {
			onward(ctx, d, &l, first, yield)
			return
		}
		if total > mostPages {
			var zero T
			yield(zero, l.fault("the list claims %d pages", total))
			return
		}
		var rest []int
		for n := 2; n <= total; n++ {
			rest = append(rest, n)
		}
		for p := range provider.Fan(ctx, pagesAtOnce, rest, func(ctx context.Context, n int) page[T] {
			return fetch[T](ctx, d, &l, n)
		}) {
			if !give(p, yield) {
				return
			}
		}
	}
}

// onward pages through a list that does not say how long it is: until a page is not full.
func onward[T any](ctx context.Context, d *driver, l *listing, p page[T], yield func(T, error) bool) {
	for n := 2; len(p.rows) >= l.perPage; n++ {
		next := fetch[T](ctx, d, l, n)
		switch {
		case next.err == nil && reflect.DeepEqual(next.rows, p.rows):
			next = page[T]{err: l.fault("page %d repeats the page before it", n)}
		case n > mostPages:
			next = page[T]{err: l.fault("the list does not end after %d pages", mostPages)}
		}
		if !give(next, yield) {
			return
		}
		p = next
	}
}

func give[T any](p page[T], yield func(T, error) bool) bool {
	if p.err != nil {
		var zero T
		yield(zero, p.err)
		return false
	}
	for _, row := range p.rows {
		if !yield(row, nil) {
			return false
		}
	}
	return true
}

// pages returns how many pages there are, where the answer says so.
func (i *resultInfo) pages() (n int, known bool) {
	total := i.TotalPages
	if total <= 0 && i.PerPage > 0 {
		total = math.Ceil(i.TotalCount / i.PerPage)
	}
	return int(min(total, mostPages+1)), total > 0
}

// mapped turns rows into resources, and names the permission where they are denied.
func mapped[T any](rows iter.Seq2[T, error], permission string, to func(*T) cloud.Resource) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		for row, err := range rows {
			if err != nil {
				yield(cloud.Resource{}, hinted(err, permission))
				return
			}
			if !yield(to(&row), nil) {
				return
			}
		}
	}
}
