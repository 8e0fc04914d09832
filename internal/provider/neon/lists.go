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
	"github.com/adsops/cloudtop/pkg/loose"
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
	rows        []T
	unread      provider.Unread
	unavailable loose.List[loose.Text] // ids of projects that could not be read in time
	next        string                 // cursor; "" = none
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
		full := l.size > 0 && p.unread.Len()+p.unavailable.Len() >= l.size
		if !full || p.next == "" || l.enough != nil && l.enough(p.rows) {
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
	f.rows = append(f.rows, p.rows...)
	if err := p.unread.Err(name + ": " + op); err != nil {
		f.missing = append(f.missing, err)
	}
	if n := p.unavailable.Len(); n > 0 {
		var ids []string
		for _, id := range p.unavailable.All {
			ids = append(ids, string(id))
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
	var list loose.List[T]
	var pagination loose.Object[struct{ Cursor, Next loose.Text }]
	for field, into := range map[string]any{
		l.field: &list, "unavailable_project_ids": &p.unavailable, "pagination": &pagination,
	} {
		if raw, told := answer[field]; told {
			if err := json.Unmarshal(raw, into); err != nil {
				return p, l.fault(field + ": " + err.Error())
			}
		}
	}
	if !list.Told {
		return p, l.fault("the answer has no " + l.field)
	}
	p.rows, p.unread = provider.Complete(&list, l.is)
	p.next = string(cmp.Or(pagination.Value.Next, pagination.Value.Cursor))
	return p, nil
}

// fault is an answer that no list gives.
func (l *listing[T]) fault(detail string) error {
	return &cloud.Error{Kind: cloud.KindResponse, Op: name + ": " + l.op, Detail: detail}
}
