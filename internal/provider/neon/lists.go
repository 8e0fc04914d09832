package neon

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// listing is one list of the API.
type listing[T any] struct {
	op     string
	path   string
	field  string // of the answer, that holds the list
	query  url.Values
	size   int            // of a page; 0 = the list is not paged
	is     func(*T) bool  // reports whether an element has what makes it one
	enough func([]T) bool // reports after a page whether the rest is not wanted; nil = all is
}

// found is what a list had, and what it says or shows to lack: errors of kind partial.
type found[T any] struct {
	rows    []T
	missing []error
}

// page is one answer.
type page[T any] struct {
	provider.List[T]
	unavailable []provider.Text // ids of projects that could not be read in time
	next        string          // cursor; "" = none
}

// read reads a list to its end; with an error it returns what came before. A list ends with a page that is not full,
// as a limit within its bounds is kept, or without a cursor: the last page of /projects has one all the same.
func (l *listing[T]) read(ctx context.Context, d *driver) (out found[T], err error) {
	q := url.Values{}
	maps.Copy(q, l.query)
	if l.size > 0 {
		q.Set("limit", strconv.Itoa(l.size))
	}
	seen := map[string]bool{}
	for {
		p, err := l.page(ctx, d, q)
		if err != nil {
			return out, err
		}
		out.add(&p, l.op)
		full := l.size > 0 && p.Len()+len(p.unavailable) >= l.size
		if !full || p.next == "" || l.enough != nil && l.enough(p.Rows) {
			return out, nil
		}
		if seen[p.next] {
			return out, l.fault("the list repeats a page: its end cannot be told")
		}
		seen[p.next] = true
		q.Set("cursor", p.next)
	}
}

func (f *found[T]) add(p *page[T], op string) {
	f.rows = append(f.rows, p.Rows...)
	if err := p.Lost(name + ": " + op); err != nil {
		f.missing = append(f.missing, err)
	}
	if n := len(p.unavailable); n > 0 {
		ids := make([]string, n)
		for i, id := range p.unavailable {
			ids[i] = string(id)
		}
		f.missing = append(f.missing, cloud.Partial(name+": "+op,
			fmt.Sprintf("%d projects could not be read in time: %s", n, strings.Join(ids, ", "))))
	}
}

// page makes one call. Both forms of a cursor are read: pagination.cursor, and pagination.next of branches.
func (l *listing[T]) page(ctx context.Context, d *driver, q url.Values) (p page[T], err error) {
	var answer map[string]json.RawMessage
	if _, err := d.api.Get(ctx, l.op, l.path, q, &answer); err != nil {
		return p, err
	}
	var pagination struct{ Cursor, Next provider.Text }
	for field, into := range map[string]any{
		l.field: &p.List, "unavailable_project_ids": &p.unavailable, "pagination": &pagination,
	} {
		if raw, told := answer[field]; told {
			if err := json.Unmarshal(raw, into); err != nil {
				return p, l.fault(field + ": " + err.Error())
			}
		}
	}
	if !p.Told {
		return p, l.fault("the answer has no " + l.field)
	}
	p.Keep(l.is)
	p.next = string(cmp.Or(pagination.Next, pagination.Cursor))
	return p, nil
}

// fault is an answer that no list gives.
func (l *listing[T]) fault(detail string) error {
	return &cloud.Error{Kind: cloud.KindResponse, Op: name + ": " + l.op, Detail: detail}
}

// attrs builds attributes in a fixed order, leaving out what is not there.
type attrs []cloud.Attr

func (a *attrs) add(name string, v any) { *a = append(*a, cloud.Attr{Name: name, Value: v}) }

func (a *attrs) text(name string, v provider.Text) {
	if v != "" {
		a.add(name, string(v))
	}
}

func (a *attrs) number(name string, v provider.Number) {
	if v.Known {
		a.add(name, v.Value)
	}
}

func (a *attrs) flag(name string, v provider.Flag) {
	if v.Known {
		a.add(name, v.Value)
	}
}

func (a *attrs) moment(name string, v provider.Moment) {
	if !v.IsZero() {
		a.add(name, v.Time)
	}
}
