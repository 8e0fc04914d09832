package oracle

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
}

// errGone says that an element is listed although it is not there any more.
var errGone = errors.New("it is gone")

// pages yields what take makes of every element of a paged list, but for what is gone. What cannot be understood of a
// page is said after it; a page that fails ends the list.
func pages[T, R any](ctx context.Context, d *driver, c call, take func(*T) (R, error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var zero R
		query := maps.Clone(c.query)
		query.Set("limit", pageSize)
		seen := map[string]bool{}
		p := page[T, R]{take: take}
		for {
			h, err := d.api.Do(ctx, httpx.Call{Op: c.op, Path: c.url, Query: query}, p.decode)
			if err != nil {
				yield(zero, err)
				return
			}
			for _, rows := range p.rows {
				for i := range rows {
					if !yield(rows[i], nil) {
						return
					}
				}
			}
			if err := p.odd.partial(c.op); err != nil && !yield(zero, err) {
				return
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

// page is one page of a list: every element is turned into what is kept of it as soon as it is read.
type page[T, R any] struct {
	take func(*T) (R, error)
	rows [][]R // in parts, so that a long page is not copied as it grows
	odd  oddities
}

// add adds a row.
func (p *page[T, R]) add(r R) {
	last := len(p.rows) - 1
	if last < 0 || len(p.rows[last]) == cap(p.rows[last]) {
		p.rows = append(p.rows, make([]R, 0, min(8+8*len(p.rows), 128)))
		last++
	}
	p.rows[last] = append(p.rows[last], r)
}

// decode reads a page from its beginning.
func (p *page[T, R]) decode(in *json.Decoder) error {
	p.rows, p.odd = nil, oddities{}
	var v, zero T
	return list(in, &v, func(odd error) {
		r, err := p.take(&v)
		if v = zero; err == nil {
			p.add(r)
		}
		if err == errGone { //nolint:errorlint // as take returns it
			err = nil
		}
		p.odd.add(odd, err)
	})
}

// list reads [...], or {"items": [...]}, one element after the other into v, and calls each after every one. A field
// that is not of its type leaves the rest of its element standing: each is told what is odd, nil where nothing is.
func list[T any](in *json.Decoder, v *T, each func(odd error)) error {
	t, err := in.Token()
	switch {
	case err != nil:
		return err
	case t == json.Delim('['):
		return elements(in, v, each)
	case t != json.Delim('{'):
		return noList(t)
	}
	found := false
	for in.More() {
		key, err := in.Token()
		switch {
		case err != nil:
			return err
		case key == "items":
			found, err = true, items(in, v, each)
		default:
			err = in.Decode(new(json.RawMessage))
		}
		if err != nil {
			return err
		}
	}
	if _, err = in.Token(); err == nil && !found {
		err = noList(t)
	}
	return err
}

// items reads a list where nothing else may be.
func items[T any](in *json.Decoder, v *T, each func(odd error)) error {
	t, err := in.Token()
	switch {
	case err != nil:
		return err
	case t != json.Delim('['):
		return noList(t)
	}
	return elements(in, v, each)
}

// elements reads what follows the [ of a list.
func elements[T any](in *json.Decoder, v *T, each func(odd error)) error {
	for in.More() {
		err := in.Decode(v)
		if _, odd := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !odd {
			return err
		}
		each(err)
	}
	_, err := in.Token()
	return err
}

func noList(t json.Token) error {
	return &cloud.Error{Kind: cloud.KindResponse, Detail: fmt.Sprintf("answer has %v where a list is expected", t)}
}

// oddities are the elements of an answer that are not as published.
type oddities struct {
	n     int
	first error
}

// add counts an element about which at least one of errs is odd.
func (o *oddities) add(errs ...error) {
	for _, err := range errs {
		if err == nil {
			continue
		}
		if o.n++; o.first == nil {
			o.first = err
		}
		return
	}
}

// partial says that an answer may be incomplete, nil where nothing is odd about it.
func (o *oddities) partial(op string) error {
	if o.n == 0 {
		return nil
	}
	what := o.first.Error()
	if e, ok := errors.AsType[*json.UnmarshalTypeError](o.first); ok {
		field := e.Field[strings.LastIndexByte(e.Field, '.')+1:] // without what it is part of
		what = fmt.Sprintf("%q is a %s", cmp.Or(field, "it"), e.Value)
	}
	return cloud.Partial(name+": "+op, fmt.Sprintf(
		"what Oracle answers is not as published: it may be incomplete in %d elements, the first because %s", o.n, what))
}
