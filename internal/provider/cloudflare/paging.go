package cloudflare

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"strconv"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// envelope is every answer of the REST API.
type envelope[T any] struct {
	Success loose.Flag               `json:"success"`
	Errors  loose.List[apiError]     `json:"errors"`
	Result  result[T]                `json:"result"`
	Info    loose.Object[resultInfo] `json:"result_info"`
}

// result tells what is absent, and what is null, from what is empty.
type result[T any] struct {
	value      T
	told, null bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *result[T]) UnmarshalJSON(data []byte) error {
	*r = result[T]{told: true, null: string(data) == "null"}
	return json.Unmarshal(data, &r.value)
}

type resultInfo struct {
	Page       loose.Number `json:"page"`
	PerPage    loose.Number `json:"per_page"`
	TotalCount loose.Number `json:"total_count"`
	TotalPages loose.Number `json:"total_pages"`
	Cursor     loose.Text   `json:"cursor"`
}

// get makes one call and opens the envelope. What is missing in it is an error, never an empty result.
func get[T any](ctx context.Context, d *driver, c httpx.Call) (T, resultInfo, error) {
	var zero T
	var e envelope[T]
	_, err := d.api.Do(ctx, c, httpx.Into(&e))
	if err != nil {
		return zero, resultInfo{}, err
	}
	info := e.Info.Value
	failed := e.Success.Known && !e.Success.Value
	if f := faultOf(http.StatusOK, e.Errors.All); failed && len(e.Errors.All) > 0 {
		return zero, resultInfo{}, &cloud.Error{
			Kind: cmp.Or(f.Kind, cloud.KindResponse), Op: name + ": " + c.Op, Code: f.Code,
			Detail: httpx.Redact(f.Detail, d.api.Secrets), Hint: f.Hint,
		}
	}
	// Some lists are described as null where they are empty: a success that counts nothing says so.
	_, isList := any(&e.Result.value).(interface{ Len() int })
	empty := isList && e.Success.Value && info.TotalCount.Value == 0
	switch {
	case failed:
		err = response(c.Op, "the answer is no success, and says not why")
	case !e.Result.told, e.Result.null && !empty:
		err = response(c.Op, "the answer has no result")
	}
	return e.Result.value, info, err
}

// response is an answer that cannot be understood.
func response(op, format string, args ...any) error {
	return &cloud.Error{Kind: cloud.KindResponse, Op: name + ": " + op, Detail: fmt.Sprintf(format, args...)}
}

// listing is a list that is paged by number.
type listing struct {
	op      string
	path    string
	perPage int  // the largest page that the endpoint gives; 0 = it is not paged
	silent  bool // the size is the endpoint's own: it refuses to be told
}

type page[T any] struct {
	rows   []T
	unread provider.Unread
	info   resultInfo
	err    error
}

func fetch[T any](ctx context.Context, d *driver, l *listing, n int) page[T] {
	q := url.Values{}
	if l.perPage > 0 && !l.silent {
		q.Set("per_page", strconv.Itoa(l.perPage))
	}
	if l.perPage > 0 && n > 1 || l.perPage > 0 && !l.silent {
		q.Set("page", strconv.Itoa(n))
	}
	list, info, err := get[loose.List[T]](ctx, d, httpx.Call{Op: l.op, Path: l.path, Query: q})
	if got := int(info.Page.Value); err == nil && n > 1 && got > 0 && got != n {
		err = response(l.op, "asked for page %d and got page %d", n, got)
	}
	if err != nil {
		return page[T]{err: err}
	}
	rows, unread := provider.Complete(&list, isNamed)
	return page[T]{rows: rows, unread: unread, info: info}
}

// isNamed reports whether a row has what makes it a thing.
func isNamed[T any](row *T) bool {
	r, ok := any(row).(interface{ named() bool })
	return !ok || r.named()
}

const (
	pagesAtOnce = 4      // of one list that are under way
	mostPages   = 10_000 // of one list; more are a fault of the answer
)

// paged yields every row of a list: the first page says how many there are, the others are asked for in parallel. That
// elements could not be read is said last.
func paged[T any](ctx context.Context, d *driver, l listing) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var unread provider.Unread
		give := func(p page[T]) bool {
			unread.Add(p.unread)
			for _, row := range p.rows {
				if !yield(row, nil) {
					return false
				}
			}
			if p.err == nil {
				return true
			}
			var zero T
			yield(zero, p.err)
			return false
		}
		if !walk(ctx, d, &l, give) {
			return
		}
		if err := unread.Err(name + ": " + l.op); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

// walk gives every page of a list until give wants no more, and reports whether it wanted all.
func walk[T any](ctx context.Context, d *driver, l *listing, give func(page[T]) bool) bool {
	first := fetch[T](ctx, d, l, 1)
	if !give(first) {
		return false
	}
	total, known := first.info.pages()
	switch {
	case l.perPage == 0:
		return true
	case !known:
		return onward(ctx, d, l, first, give)
	case total > mostPages:
		return give(page[T]{err: response(l.op, "the list claims %d pages", total)})
	}
	var rest []int
	for n := 2; n <= total; n++ {
		rest = append(rest, n)
	}
	for p := range provider.Fan(ctx, pagesAtOnce, rest, func(ctx context.Context, n int) page[T] {
		return fetch[T](ctx, d, l, n)
	}) {
		if !give(p) {
			return false
		}
	}
	return true
}

// onward pages through a list that does not say how long it is: until a page is not full.
func onward[T any](ctx context.Context, d *driver, l *listing, p page[T], give func(page[T]) bool) bool {
	for n := 2; p.unread.Len() >= l.perPage; n++ {
		next := fetch[T](ctx, d, l, n)
		switch {
		case next.err == nil && next.unread.Len() > 0 && reflect.DeepEqual(next.rows, p.rows):
			next = page[T]{err: response(l.op, "page %d repeats the page before it", n)}
		case n > mostPages:
			next = page[T]{err: response(l.op, "the list does not end after %d pages", mostPages)}
		}
		if !give(next) {
			return false
		}
		p = next
	}
	return true
}

// pages returns how many pages there are, where the answer says so.
func (i *resultInfo) pages() (n int, known bool) {
	total := i.TotalPages.Value
	if total <= 0 && i.PerPage.Value > 0 {
		total = math.Ceil(i.TotalCount.Value / i.PerPage.Value)
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
